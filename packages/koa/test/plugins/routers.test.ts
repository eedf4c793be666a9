import { Router } from '@koa/router'
import { type ServerClient } from '@stampede/conformance'
import Koa, { type Context, type Middleware } from 'koa'
import mount from 'koa-mount'
import { expect, it } from 'vitest'
import { stampede } from '../../src/index.ts'
import { served } from '../served.ts'

const ttl = 60_000

async function serve(app: Koa): Promise<ServerClient> {
  return served(app)
}

function appOf(...middleware: Middleware[]): Koa {
  const app = new Koa()
  for (const each of middleware) app.use(each)
  return app
}

/** A handler that says how often it ran. */
function counting(): (ctx: Context) => void {
  let runs = 0
  return ctx => {
    ctx.body = `${ctx.path} ${(runs += 1)}`
  }
}

async function bodies(client: ServerClient, ...targets: string[]): Promise<string[]> {
  const all: string[] = []
  for (const target of targets) all.push((await client.fetch(target)).body)
  return all
}

it('an app that is mounted at two paths keeps them apart', async () => {
  const inner = appOf(stampede({ ttl }), counting())
  const client = await serve(appOf(mount('/a', inner), mount('/b', inner)))
  expect(await bodies(client, '/a/x', '/b/x', '/a/x', '/b/x')).toEqual(['/x 1', '/x 2', '/x 1', '/x 2'])
})

it('responses of a mounted app with Stampede are invalidated by the path of the request', async () => {
  const inner = appOf(stampede({ ttl }))
  const client = await serve(appOf(mount('/a', inner), counting()))
  expect(await bodies(client, '/a/x', '/a/x', '/b', '/b')).toEqual(['/a/x 1', '/a/x 1', '/b 2', '/b 3'])
})

it('a router with a prefix, below another, keeps each path, and leaves out routes without Stampede', async () => {
  const inner = new Router({ prefix: '/users' })
  inner.get('/:id', stampede({ ttl }), counting())
  const outer = new Router({ prefix: '/v1' })
  outer.use(inner.routes())
  outer.get('/plain', counting())
  const app = new Koa()
  app.use(outer.routes())
  app.use(outer.allowedMethods())
  const client = await serve(app)
  expect(await bodies(client, '/v1/users/1', '/v1/users/2', '/v1/users/1')).toEqual([
    '/v1/users/1 1',
    '/v1/users/2 2',
    '/v1/users/1 1',
  ])
  expect(await bodies(client, '/v1/plain', '/v1/plain')).toEqual(['/v1/plain 1', '/v1/plain 2'])
  expect(await client.fetch('/v1/plain', { method: 'DELETE' })).toMatchObject({ status: 405 })
  expect(await client.fetch('/v1/none')).toMatchObject({ status: 404, body: 'Not Found' })
})
