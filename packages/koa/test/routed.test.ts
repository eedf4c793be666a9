import { createServer, type IncomingMessage } from 'node:http'
import { Router } from '@koa/router'
import { clientOf, FakeFleet, Gate, listening, type ServerClient, Tally, TestClock } from '@stampede/conformance'
import { type HttpEvent, HttpStampede } from '@stampede/core/http'
import Koa, { type Context, type Middleware } from 'koa'
import mount from 'koa-mount'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stampede } from '../src/index.ts'
import { served } from './served.ts'

const ttl = 60_000
const phone = { headers: { 'x-as': 'phone' } }

/** What the phone gets, and what the desk, twice, one after the other. */
async function bodiesOf(client: ServerClient, target = '/p'): Promise<readonly string[]> {
  const bodies: string[] = []
  for (const _ of [1, 2]) {
    bodies.push((await client.fetch(target, phone)).body)
    bodies.push((await client.fetch(target)).body)
  }
  return bodies
}

function say(what: string | ((path: string) => string), gate?: Gate): Middleware {
  return async ctx => {
    await gate?.passed()
    ctx.body = typeof what === 'string' ? what : what(ctx.path)
  }
}

describe('a page that middleware in front has chosen', () => {
  const rewrite = (ctx: Context, path: string): void => {
    ctx.path = path
  }
  const WAYS: Readonly<Record<string, (ctx: Context, path: string) => void>> = {
    'by the path': rewrite,
    'by the URL': (ctx, path) => {
      ctx.url = ctx.url.replace('/p', path)
    },
    'by the path that the router is to match': (ctx, path) => {
      ctx['newRouterPath'] = path
    },
  }
  it.each(Object.entries(WAYS))('is for nobody else: %s', async (...[, choose]) => {
    const gate = new Gate()
    const app = new Koa()
    app.use((ctx, next) => {
      if (ctx.get('x-as') === 'phone') choose(ctx, '/m/p')
      return next()
    })
    const cached = stampede({ ttl, key: () => 'one', query: [] })
    app.use(cached)
    const router = new Router()
    router.get('/p', say('desk', gate))
    router.get('/m/p', say('phone', gate))
    app.use(router.routes())
    const client = await served(app)
    const both = [client.fetch('/p', phone), client.fetch('/p')]
    gate.open()
    expect((await Promise.all(both)).map(({ body }) => body)).toEqual(['phone', 'desk'])
    expect(await bodiesOf(client)).toEqual(['phone', 'desk', 'phone', 'desk'])
    expect((await client.fetch('/p?utm=1', phone)).headers['cache-status']).toContain('hit')
    await cached.invalidate('/m/p')
    expect((await client.fetch('/p', phone)).headers['cache-status']).toContain('uri-miss')
  })

  it('counts as the query that a rewrite makes', async () => {
    const app = new Koa()
    app.use((ctx, next) => {
      ctx.querystring = `as=${ctx.get('x-as')}`
      return next()
    })
    app.use(stampede({ ttl, query: ['as'] }))
    app.use(ctx => {
      ctx.body = ctx.query['as'] ?? ''
    })
    expect(await bodiesOf(await served(app))).toEqual(['phone', '', 'phone', ''])
  })
})

describe('a mount', () => {
  /** Phones are sent into another app, whose mount strips what they were sent by. */
  function rewritten(inner: (name: string) => Middleware, path: string): Koa {
    const app = new Koa()
    app.use((ctx, next) => {
      ctx.path = `/${ctx.get('x-as') === 'phone' ? 'm' : 'd'}${path}${ctx.path}`
      return next()
    })
    for (const [prefix, name] of [
      ['/m', 'phone'],
      ['/d', 'desk'],
    ] as const)
      app.use(mount(prefix, inner(name)))
    return app
  }

  const within = (instance: HttpStampede, name: string): Koa => new Koa().use(stampede({ instance })).use(say(name))

  it('hides no rewritten URL, also within another one', async () => {
    const instance = new HttpStampede({ ttl })
    const flat = rewritten(name => mount(within(instance, name)), '')
    expect(await bodiesOf(await served(flat))).toEqual(['phone', 'desk', 'phone', 'desk'])
    const deep = rewritten(name => mount('/x', within(instance, name)), '/x')
    expect(await bodiesOf(await served(deep))).toEqual(['phone', 'desk', 'phone', 'desk'])
    expect(instance.stats().hits).toBe(4)
  })

  it('within another one stays out of the store, and says so', async () => {
    const clock = new TestClock()
    const fleet = new FakeFleet({ clock })
    const events: HttpEvent[] = []
    const apps = ['phone', 'desk'].map(name => {
      const cached = stampede({ ttl, clock, store: fleet.store(), onEvent: event => events.push(event) })
      onTestFinished(cached.close)
      return new Koa().use(mount('/a', mount('/b', new Koa().use(cached).use(say(name)))))
    })
    for (const [at, app] of apps.entries()) {
      const client = await served(app)
      for (const _ of [1, 2])
        expect((await client.fetch('/a/b/p', { headers: { host: 'one' } })).body).toBe(['phone', 'desk'][at])
    }
    expect(events.filter(({ type }) => type === 'degrade')).toHaveLength(2)
    expect(events.filter(({ type }) => type === 'hit')).toHaveLength(2)
  })

  it.each(['/v1', '/v1/'])('that strips %s leaves the target, and is refreshed in the background', async prefix => {
    const clock = new TestClock()
    const events = new Tally()
    let run = 0
    const cached = stampede({
      ttl: 1_000,
      staleWhileRevalidate: ttl,
      clock,
      onEvent: ({ type }) => events.add(type),
    })
    const inner = new Koa().use(cached).use(say(() => `run ${(run += 1)}`))
    const client = await served(new Koa().use(mount(prefix, inner)))
    expect((await client.fetch('/v1/p')).body).toBe('run 1')
    clock.advance(2_000)
    expect((await client.fetch('/v1/p')).body).toBe('run 1')
    await events.until('store', 2)
    expect((await client.fetch('/v1/p')).body).toBe('run 2')
    await cached.invalidate('/v1/p')
    expect((await client.fetch('/v1/p')).body).toBe('run 3')
  })
})

describe('an app below Express', () => {
  /** As Express hands requests over, which rewrites phones’ URLs in front of its mounts. */
  async function below(apps: Readonly<Record<string, Koa>>, isRewriting = false): Promise<ServerClient> {
    const handles = new Map(Object.entries(apps).map(([prefix, app]) => [prefix, app.callback()]))
    const server = createServer((request: IncomingMessage & { originalUrl?: string; baseUrl?: string }, response) => {
      const { url = '' } = request
      const place = isRewriting ? `/${request.headers['x-as'] === 'phone' ? 'v1' : 'v2'}${url}` : url
      const [prefix = '', handle] = [...handles].find(([start]) => place.startsWith(start)) ?? []
      Object.assign(request, { originalUrl: url, baseUrl: prefix, url: place.slice(prefix.length) || '/' })
      void handle?.(request, response)
    })
    await listening(server)
    const client = clientOf(server)
    onTestFinished(client.close)
    return client
  }

  it('has the target that was sent, in its key and for its refreshes', async () => {
    const clock = new TestClock()
    const events = new Tally()
    const onEvent = ({ type }: HttpEvent): void => events.add(type)
    const instance = new HttpStampede({ ttl: 1_000, staleWhileRevalidate: ttl, clock, onEvent })
    let run = 0
    const app = (name: string): Koa =>
      new Koa().use(stampede({ instance })).use(say(path => `${name} ${path} ${(run += 1)}`))
    const client = await below({ '/v1': app('one'), '/v2': app('two') })
    for (const _ of [1, 2]) {
      expect((await client.fetch('/v1/p')).body).toBe('one /p 1')
      expect((await client.fetch('/v2/p')).body).toBe('two /p 2')
    }
    clock.advance(2_000)
    expect((await client.fetch('/v2/p')).body).toBe('two /p 2')
    await events.until('store', 3)
    expect((await client.fetch('/v2/p')).body).toBe('two /p 3')
    await instance.invalidate('/v1/p')
    expect((await client.fetch('/v1/p')).body).toBe('one /p 4')
  })

  it('differs from others if Express has rewritten the URL', async () => {
    const instance = new HttpStampede({ ttl })
    const app = (name: string): Koa => new Koa().use(stampede({ instance })).use(say(name))
    const client = await below({ '/v1': app('phone'), '/v2': app('desk') }, true)
    expect(await bodiesOf(client)).toEqual(['phone', 'desk', 'phone', 'desk'])
  })
})
