import type { Server } from 'node:http'
import { createServer, type IncomingMessage } from 'node:http'
import { createAdaptorServer, getRequestListener } from '@hono/node-server'
import { clientOf, FakeFleet, Gate, listening, type ServerClient, Tally, TestClock } from '@stampede/conformance'
import { type HttpEvent, HttpStampede } from '@stampede/core/http'
import { type Handler, Hono } from 'hono'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stampede, type StampedeOptions } from '../src/index.ts'
import { served } from './served.ts'

const ttl = 60_000
const phone = { headers: { 'x-as': 'phone' } }
const asPhone = (request: Request): boolean => request.headers.get('x-as') === 'phone'
const pathOf = (request: Request): string => new URL(request.url).pathname

/** Asks an app, over a server or without one. */
type Ask = (target: string, options?: { readonly headers: Record<string, string> }) => Promise<string>

const WAYS: Readonly<Record<string, (app: Hono) => Promise<Ask>>> = {
  'on Node': async app => {
    const client = await served(app)
    return async (target, options) => (await client.fetch(target, options)).body
  },
  'without a server': async app => async (target, options) => (await app.request(target, options)).text(),
}

/** What a phone gets, and what a desk. */
async function bodiesOf(ask: Ask, target = '/p'): Promise<readonly string[]> {
  const bodies: string[] = []
  for (const _ of [1, 2]) bodies.push(await ask(target, phone), await ask(target))
  return bodies
}

const PHONE_AND_DESK = ['phone', 'desk', 'phone', 'desk']

interface Mounting {
  mount(path: string, fetch: Hono['fetch'], options?: { replaceRequest: (request: Request) => Request }): unknown
}

/** By the method that every version has; the newest one calls it deprecated. */
function mount(app: Hono, ...mounted: Parameters<Mounting['mount']>): Hono {
  const mounting: Mounting = app
  mounting.mount(...mounted)
  return app
}

function within(options: StampedeOptions, handler: Handler | string): Hono {
  return new Hono().use(stampede(options)).get('*', typeof handler === 'string' ? c => c.text(handler) : handler)
}

describe.each(Object.entries(WAYS))('%s', (...[, way]) => {
  it.each<readonly [string, StampedeOptions]>([
    ['', {}],
    [', with a key of its own', { key: () => 'one' }],
    [', with a query that does not count', { query: [] }],
  ])('a page that getPath has chosen is for nobody else%s', async (_, options) => {
    const gate = new Gate()
    const app = new Hono({ getPath: request => (asPhone(request) ? `/m${pathOf(request)}` : pathOf(request)) })
    const cached = stampede({ ttl, ...options })
    app.use(cached)
    app.get('/p', async c => gate.passed().then(() => c.text('desk')))
    app.get('/m/p', async c => gate.passed().then(() => c.text('phone')))
    const ask = await way(app)
    const both = [ask('/p', phone), ask('/p')]
    gate.open()
    expect(await Promise.all(both)).toEqual(['phone', 'desk'])
    expect(await bodiesOf(ask)).toEqual(PHONE_AND_DESK)
    expect(cached.stats()).toMatchObject({ misses: 2, hits: 4 })
    await cached.invalidate('/m/p')
    expect(cached.stats().entries).toBe(1)
    await ask('/p', phone)
    await cached.invalidate('/p')
    expect(cached.stats().entries).toBe(0)
  })

  it('what getPath makes counts whole, also where a query seems to begin in it', async () => {
    const app = new Hono({ getPath: request => `/p?as=${asPhone(request) ? 'phone' : 'desk'}` })
    app.use(stampede({ ttl, query: [] }))
    app.get('*', c => c.text(c.req.path.slice('/p?as='.length)))
    expect(await bodiesOf(await way(app))).toEqual(PHONE_AND_DESK)
  })

  it.each([
    ['an encoded path', {}, '/%C3%A9/%25'],
    ['a slash at the end, where it does not count', { strict: false }, '/p/'],
  ] as const)('%s is none that the app has chosen: it is refreshed in the background', async (_, options, target) => {
    const clock = new TestClock()
    const events = new Tally()
    const app = new Hono(options)
    const onEvent = ({ type }: HttpEvent): void => events.add(type)
    app.use(stampede({ ttl: 1_000, staleWhileRevalidate: ttl, clock, refresh: app, onEvent }))
    let run = 0
    app.get('*', c => c.text(`run ${(run += 1)}`))
    const ask = await way(app)
    await ask(target)
    clock.advance(2_000)
    expect(await ask(target)).toBe('run 1')
    await events.until('store', 2)
    expect(await ask(target)).toBe('run 2')
  })

  it.each([
    ['', undefined],
    [', each with its base', ['/v1', '/v2']],
  ] as const)('apps that are mounted share an instance, and no answer%s', async (_, bases) => {
    const instance = new HttpStampede({ ttl })
    const app = new Hono()
    for (const [at, prefix] of ['/v1', '/v2'].entries())
      mount(app, prefix, within({ instance, base: bases?.[at] }, `${prefix} users`).fetch)
    const ask = await way(app)
    for (const _round of [1, 2])
      for (const prefix of ['/v1', '/v2']) expect(await ask(`${prefix}/users`)).toBe(`${prefix} users`)
    expect(instance.stats()).toMatchObject({ misses: 2, hits: 2 })
    if (bases === undefined) return
    await instance.invalidate('/v1/users')
    expect(instance.stats().entries).toBe(1)
  })

  it('apps in which the very same middleware stands share no answer', async () => {
    const cached = stampede({ ttl })
    const app = new Hono({ getPath: request => (asPhone(request) ? '/m' : '/d') + pathOf(request) })
    const inner = (name: string): Hono => new Hono().use(cached).get('*', c => c.text(name))
    const as = (at: string): { replaceRequest: (request: Request) => Request } => ({
      replaceRequest: request => new Request(new URL(at, request.url), request),
    })
    mount(app, '/m', inner('phone').fetch, as('/page'))
    mount(app, '/d', inner('desk').fetch, as('/page'))
    expect(await bodiesOf(await way(app))).toEqual(PHONE_AND_DESK)
  })

  it('apps below mounts, with Stampede in front too, never wait for themselves', async () => {
    const instance = new HttpStampede({ ttl })
    for (const base of [undefined, '/v1']) {
      await instance.clear()
      const app = mount(new Hono().use(stampede({ instance })), '/v1', within({ instance, base }, 'users').fetch)
      const ask = await way(app)
      expect([await ask('/v1/users'), await ask('/v1/users')]).toEqual(['users', 'users'])
      expect(instance.stats().flights).toBe(0)
    }
  })
})

describe('a store', () => {
  /** Two processes, each with two versions of an app below mounts. */
  async function fleet(
    options: (prefix: string) => StampedeOptions,
  ): Promise<{ readonly asks: readonly Ask[]; readonly events: HttpEvent[]; readonly runs: string[] }> {
    const clock = new TestClock()
    const store = new FakeFleet({ clock })
    const events: HttpEvent[] = []
    const runs: string[] = []
    const onEvent = (event: HttpEvent): void => void events.push(event)
    const asks = [1, 2].map(() => {
      const instance = new HttpStampede({ ttl, clock, onEvent, store: store.store() })
      onTestFinished(() => instance.close())
      const app = new Hono()
      for (const prefix of ['/v1', '/v2'])
        mount(
          app,
          prefix,
          within({ instance, ...options(prefix) }, c => c.text(`${prefix} ${runs.push(prefix) > 0}`)).fetch,
        )
      const ask: Ask = async target => (await app.request(target)).text()
      return ask
    })
    return { asks, events, runs }
  }

  it('is not used if the sent target is unknown, and an event reports it', async () => {
    const { asks, events, runs } = await fleet(() => ({}))
    for (const ask of asks)
      for (const prefix of ['/v1', '/v2', '/v1']) expect(await ask(`${prefix}/users`)).toBe(`${prefix} true`)
    expect(runs).toEqual(['/v1', '/v2', '/v1', '/v2'])
    expect(events.filter(({ type }) => type === 'degrade')).toHaveLength(4)
  })

  it('is used where the option base says it', async () => {
    const { asks, events, runs } = await fleet(base => ({ base }))
    for (const ask of asks)
      for (const prefix of ['/v1', '/v2', '/v1']) expect(await ask(`${prefix}/users`)).toBe(`${prefix} true`)
    expect(runs).toEqual(['/v1', '/v2'])
    expect(events.filter(({ type }) => type === 'degrade')).toEqual([])
  })

  it('has what getPath has chosen in its keys', async () => {
    const clock = new TestClock()
    const store = new FakeFleet({ clock })
    const bodies = [1, 2].map(async () => {
      const app = new Hono({ getPath: request => (asPhone(request) ? `/m${pathOf(request)}` : pathOf(request)) })
      const cached = stampede({ ttl, clock, store: store.store() })
      onTestFinished(cached.close)
      app.use(cached)
      app.get('/p', c => c.text('desk')).get('/m/p', c => c.text('phone'))
      const server = createAdaptorServer({ fetch: app.fetch }) as Server
      await listening(server)
      const client = clientOf(server)
      onTestFinished(client.close)
      return bodiesOf(async (target, options) => {
        const headers = { host: 'one', ...options?.headers }
        return (await client.fetch(target, { headers })).body
      })
    })
    expect(await Promise.all(bodies)).toEqual([PHONE_AND_DESK, PHONE_AND_DESK])
  })
})

describe('the option base', () => {
  it.each(['v1', '/v1?x', 5, ''])('refuses %j', base => {
    expect(() => stampede({ base: base as string })).toThrow('"base"')
  })

  it('that is wrong shares nothing on Node, where the URL shows that', async () => {
    const instance = new HttpStampede({ ttl })
    const app = new Hono()
    for (const prefix of ['/v1', '/v2']) mount(app, prefix, within({ instance, base: '/v1' }, prefix).fetch)
    const client = await served(app)
    for (const prefix of ['/v1', '/v2', '/v1']) expect((await client.fetch(`${prefix}/users`)).body).toBe(prefix)
  })

  it('differs from a URL that was rewritten in front of the mount', async () => {
    const instance = new HttpStampede({ ttl })
    const app = new Hono({ getPath: request => (asPhone(request) ? '/m' : '') + pathOf(request) })
    mount(app, '/m/v1', within({ instance, base: '/m/v1' }, 'phone').fetch)
    mount(app, '/v1', within({ instance, base: '/v1' }, 'desk').fetch)
    const client = await served(app)
    expect(await bodiesOf(async (target, options) => (await client.fetch(target, options)).body, '/v1/p')).toEqual(
      PHONE_AND_DESK,
    )
  })
})

describe('an app below Express', () => {
  /** As Express hands requests over; it rewrites phones’ URLs in front of its mounts where they have no prefix. */
  async function below(apps: Readonly<Record<string, Hono>>): Promise<ServerClient> {
    const handles = Object.entries(apps).map(([prefix, app]) => ({ prefix, handle: getRequestListener(app.fetch) }))
    const server = createServer((request: IncomingMessage & { originalUrl?: string; baseUrl?: string }, response) => {
      const { url = '' } = request
      const as = request.headers['x-as'] === 'phone' ? '/v1' : '/v2'
      const place = url.startsWith('/v') ? url : as + url
      const found = handles.find(({ prefix }) => place.startsWith(prefix))
      const prefix = found?.prefix ?? ''
      Object.assign(request, { originalUrl: url, baseUrl: prefix, url: place.slice(prefix.length) || '/' })
      void found?.handle(request, response)
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
    const app = (name: string): Hono => {
      const one = new Hono()
      return one.use(stampede({ instance, refresh: one })).get('/p', c => c.text(`${name} ${(run += 1)}`))
    }
    const client = await below({ '/v1': app('one'), '/v2': app('two') })
    for (const _ of [1, 2]) {
      expect((await client.fetch('/v1/p')).body).toBe('one 1')
      expect((await client.fetch('/v2/p')).body).toBe('two 2')
    }
    clock.advance(2_000)
    expect((await client.fetch('/v2/p')).body).toBe('two 2')
    await events.until('store', 3)
    expect((await client.fetch('/v2/p')).body).toBe('two 3')
    await instance.invalidate('/v1/p')
    expect((await client.fetch('/v1/p')).body).toBe('one 4')
  })

  it('differs from others if Express has rewritten the URL', async () => {
    const instance = new HttpStampede({ ttl })
    const client = await below({ '/v1': within({ instance }, 'phone'), '/v2': within({ instance }, 'desk') })
    expect(await bodiesOf(async (target, options) => (await client.fetch(target, options)).body)).toEqual(
      PHONE_AND_DESK,
    )
  })
})
