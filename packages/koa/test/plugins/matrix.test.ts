import { createServer } from 'node:http'
import cors from '@koa/cors'
import { Router } from '@koa/router'
import { clientOf, type Comparison, differencesFromBare, listening, type Serve } from '@stampede/conformance'
import Koa, { type Middleware } from 'koa'
import compress from 'koa-compress'
import conditional from 'koa-conditional-get'
import etag from '@koa/etag'
import mount from 'koa-mount'
import session from 'koa-session'
import { describe, expect, it } from 'vitest'
import { stampede } from '../../src/index.ts'
import { handlerOf } from '../mount.ts'

interface Row extends Omit<Comparison, 'serve'> {
  readonly middleware: (app: Koa) => readonly Middleware[]
}

/** Tags are made of whole bodies only: what came as a stream has none, until it is replayed whole. */
const WHOLE = ['/text', '/json', '/bytes', '/tagged']

/** One for all: to make it prints that another package has its place. */
const tags = etag()

const rows: Readonly<Record<string, Row>> = {
  'koa-compress': { middleware: () => [compress()] },
  '@koa/cors, any origin': { middleware: () => [cors()] },
  '@koa/cors, the origin echoed': { middleware: () => [cors({ credentials: true })] },
  'koa-conditional-get': { middleware: () => [conditional()] },
  '@koa/etag': { middleware: () => [tags], targets: WHOLE },
  'koa-conditional-get and @koa/etag': { middleware: () => [conditional(), tags], targets: WHOLE },
  'koa-session that nobody uses': { middleware: app => [session({ signed: false }, app)] },
  'koa-compress, koa-conditional-get and @koa/etag': {
    middleware: () => [compress(), conditional(), tags],
    targets: WHOLE,
  },
  'all of them': {
    middleware: app => [session({ signed: false }, app), cors({ credentials: true }), compress(), conditional(), tags],
    targets: WHOLE,
  },
}

/** An app with middleware in front of Stampede, or behind it. */
function served(middleware: Row['middleware'], isInFront: boolean): Serve {
  return async (options, handler) => {
    const app = new Koa()
    app.silent = true
    const own = middleware(app)
    if (isInFront) for (const each of own) app.use(each)
    if (options !== undefined) app.use(stampede(options))
    if (!isInFront) for (const each of own) app.use(each)
    app.use(handlerOf(handler))
    return serverOf(app)
  }
}

async function serverOf(app: Koa): ReturnType<Serve> {
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listening(server)
  return clientOf(server)
}

describe.each([
  ['in front of Stampede', true],
  ['behind Stampede', false],
])('%s', (_place, isInFront) => {
  it.each(Object.entries(rows))('%s: the app answers as it does without Stampede', async (_name, row) => {
    expect(await differencesFromBare({ ...row, serve: served(row.middleware, isInFront) })).toEqual([])
  })
})

function routed(app: Koa, router: Router): Koa {
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}

const structures: Readonly<Record<string, Serve>> = {
  'Stampede in an app that koa-mount mounts': async (options, handler) => {
    const inner = new Koa()
    if (options !== undefined) inner.use(stampede(options))
    inner.use(handlerOf(handler))
    const app = new Koa()
    app.use(mount('/', inner))
    return serverOf(app)
  },
  'Stampede in front of an app that koa-mount mounts': async (options, handler) => {
    const app = new Koa()
    if (options !== undefined) app.use(stampede(options))
    const inner = new Koa()
    inner.use(handlerOf(handler))
    app.use(mount(inner))
    return serverOf(app)
  },
  'Stampede in front of a router': async (options, handler) => {
    const app = new Koa()
    if (options !== undefined) app.use(stampede(options))
    const router = new Router()
    router.get('/:page', handlerOf(handler))
    return serverOf(routed(app, router))
  },
  'Stampede in a router': async (options, handler) => {
    const router = new Router()
    if (options !== undefined) router.use(stampede(options))
    router.get('/:page', handlerOf(handler))
    return serverOf(routed(new Koa(), router))
  },
  'Stampede on one route of a router': async (options, handler) => {
    const router = new Router()
    if (options === undefined) router.get('/:page', handlerOf(handler))
    else router.get('/:page', stampede(options), handlerOf(handler))
    return serverOf(routed(new Koa(), router))
  },
}

it.each(Object.entries(structures))('%s: the app answers as it does without', async (_name, serve) => {
  expect(await differencesFromBare({ serve })).toEqual([])
})
