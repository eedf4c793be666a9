import { type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Gate, Tally } from '@stampede/conformance'
import { type Context, type ExecutionContext, Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { stampede } from '../src/index.ts'
import { served } from './served.ts'

const ttl = 60_000

describe('answers', () => {
  const kinds: Record<string, (c: Context) => Response | Promise<Response>> = {
    'a text': c => c.text('body'),
    'a raw Response': () => new Response('body', { headers: { 'x-own': '1' } }),
    'a Response without a type': () => new Response(new TextEncoder().encode('body')),
    'headers set before': c => {
      c.header('x-own', '1')
      return c.body('body')
    },
    'a stream': () => new Response(new Blob(['bo', 'dy']).stream()),
    html: c => c.html('body'),
  }
  for (const [name, handler] of Object.entries(kinds)) {
    it(`${name}: the same first and again, on Node and without`, async () => {
      const app = new Hono()
      const cached = stampede({ ttl })
      app.use(cached)
      app.get('/', handler)
      const client = await served(app)
      const [first, again] = [await client.fetch('/'), await client.fetch('/')]
      expect([first.body, again.body]).toEqual(['body', 'body'])
      expect(again.headers['content-type']).toBe(first.headers['content-type'])
      expect(again.headers['x-own']).toBe(first.headers['x-own'])
      expect(cached.stats()).toMatchObject({ hits: 1, misses: 1, flights: 0 })
      await cached.clear()
      expect(await (await app.request('/')).text()).toBe('body')
      const hit = await app.request('/')
      expect(await hit.text()).toBe('body')
      expect(hit.headers.get('cache-status')).toMatch(/^stampede; hit/)
    })
  }
})

describe('the app', () => {
  it('answers errors by its onError, for leader and followers', async () => {
    const gate = new Gate()
    const events = new Tally()
    let runs = 0
    const app = new Hono()
    app.onError((error, c) => c.json({ own: error.message }, 502))
    app.use(stampede({ ttl, onEvent: event => events.add(event.type) }))
    app.get('/', async () => {
      runs += 1
      await gate.passed()
      throw new Error('down')
    })
    const client = await served(app)
    const all = [client.fetch('/'), client.fetch('/')]
    await events.until('follow', 1)
    gate.open()
    for (const reply of await Promise.all(all)) expect(reply).toMatchObject({ status: 502, body: '{"own":"down"}' })
    expect(runs).toBe(1)
    await client.fetch('/')
    expect(runs).toBe(2)
  })

  it('answers an invalid answer, a 204 with a text, by its onError, and no request waits for it', async () => {
    const gate = new Gate()
    const events = new Tally()
    const app = new Hono()
    app.onError((error, c) => c.text(`own ${error.name}`, 502))
    const cached = stampede({ ttl, onEvent: event => events.add(event.type) })
    app.use(cached)
    app.get('/', async c => {
      await gate.passed()
      return c.text('body', 204 as 200)
    })
    const client = await served(app)
    const all = [client.fetch('/'), client.fetch('/')]
    await events.until('follow', 1)
    gate.open()
    for (const reply of await Promise.all(all)) expect(reply).toMatchObject({ status: 502, body: 'own TypeError' })
    expect(cached.stats().flights).toBe(0)
  })

  it('keeps headers that middleware in front sets before and after', async () => {
    let id = 0
    const app = new Hono()
    app.use(async (c, next) => {
      c.header('x-request-id', String((id += 1)))
      c.header('vary', 'Origin')
      await next()
      c.header('x-late', String(id))
    })
    app.use(stampede({ ttl }))
    app.get('/', c => {
      c.header('vary', 'Accept', { append: true })
      return c.text('page')
    })
    const client = await served(app)
    const replies = [await client.fetch('/'), await client.fetch('/')]
    expect(replies.map(({ headers }) => [headers['x-request-id'], headers['x-late'], headers['vary']])).toEqual([
      ['1', '1', 'Origin, Accept'],
      ['2', '2', 'Origin, Accept'],
    ])
  })

  it.each([
    ['writes nothing', (_c: Context, _run: number): Response => undefined as unknown as Response],
    [
      'answers past Hono',
      (c: Context, run: number): Response => {
        const { outgoing } = c.env as HttpBindings
        outgoing.writeHead(200)
        outgoing.end(`run ${run}`)
        return RESPONSE_ALREADY_SENT
      },
    ],
  ])('shares with nobody what a handler that %s answers', async (_name, answer) => {
    const gate = new Gate()
    const events = new Tally()
    const runs = new Tally()
    const app = new Hono()
    app.onError((_error, c) => c.text('failed', 500))
    const cached = stampede({ ttl, onEvent: event => events.add(event.type) })
    app.use(cached)
    app.get('/', async c => {
      runs.add('run')
      const run = runs.count('run')
      await gate.passed()
      return answer(c, run)
    })
    const client = await served(app)
    const all = [client.fetch('/'), client.fetch('/'), client.fetch('/')]
    await events.until('follow', 2)
    gate.open()
    expect(new Set((await Promise.all(all)).map(({ status }) => status)).size).toBe(1)
    expect(runs.count('run')).toBe(3)
    expect(cached.stats()).toMatchObject({ entries: 0, collapsed: 0, flights: 0 })
  })

  it('takes a sub-request that is given the environment for what it is', async () => {
    const app = new Hono()
    app.use(stampede({ ttl }))
    app.get('/page', async c => {
      const parts = ['/a', '/b', '/a'].map(async path => (await app.request(path, {}, c.env)).text())
      return c.text((await Promise.all(parts)).join())
    })
    app.get('/me/:name', c => app.request('/a', { headers: { authorization: c.req.param('name') } }, c.env))
    app.get('/a', c => c.text(`a ${c.req.header('authorization') ?? 'nobody'}`))
    app.get('/b', c => c.text('b'))
    const client = await served(app)
    expect((await client.fetch('/page')).body).toBe('a nobody,b,a nobody')
    expect((await client.fetch('/me/alice')).body).toBe('a alice')
    expect((await client.fetch('/me/bob')).body).toBe('a bob')
  })

  it('may have the same instance twice in a row', async () => {
    const app = new Hono()
    const cached = stampede({ ttl })
    app.use(cached)
    app.get('/', cached, c => c.text('page'))
    const client = await served(app)
    expect((await client.fetch('/')).body).toBe('page')
    expect((await client.fetch('/')).headers['cache-status']).toMatch(/^stampede; hit; ttl=(59|60)$/)
  })

  it('works in a sub-app and on one route, with the path as it was asked', async () => {
    let runs = 0
    const sub = new Hono()
    sub.get('/report', stampede({ ttl }), c => c.text(`run ${(runs += 1)}`))
    const app = new Hono()
    app.route('/a', sub)
    app.route('/b', sub)
    const client = await served(app)
    const bodies: string[] = []
    for (const target of ['/a/report', '/b/report', '/a/report']) bodies.push((await client.fetch(target)).body)
    expect(bodies).toEqual(['run 1', 'run 2', 'run 1'])
  })

  it('destroys a stream without readers', async () => {
    const cancelled = new Tally()
    const head = new Gate()
    const app = new Hono()
    const cached = stampede()
    app.use(cached)
    app.get('/', () => {
      const source = new ReadableStream({
        start: controller => controller.enqueue(new TextEncoder().encode('first')),
        cancel: () => cancelled.add('cancel'),
      })
      return new Response(source)
    })
    const client = await served(app)
    const controller = new AbortController()
    const reply = client.fetch('/', { signal: controller.signal, onHead: () => head.open() })
    await head.passed()
    controller.abort()
    await expect(reply).rejects.toThrow('abort')
    await cancelled.until('cancel', 1)
    expect(cached.stats().flights).toBe(0)
  })

  it('throws for a wrong option at once', () => {
    expect(() => stampede({ methods: ['GTE'] })).toThrow('"methods"')
  })
})

describe('a runtime that ends a request with its client', () => {
  const until = (): { readonly asked: Promise<unknown>[]; readonly context: ExecutionContext } => {
    const asked: Promise<unknown>[] = []
    const waitUntil = (promise: Promise<unknown>): void => void asked.push(promise)
    return { asked, context: { waitUntil, passThroughOnException: () => {}, props: {} } }
  }

  it('is asked to go on until the answer for the others is whole', async () => {
    const gate = new Gate()
    const app = new Hono()
    const cached = stampede({ ttl })
    app.use(cached)
    app.get('/', c =>
      c.body(
        new ReadableStream({
          async pull(controller) {
            await gate.passed()
            controller.enqueue(new TextEncoder().encode('page'))
            controller.close()
          },
        }),
      ),
    )
    const { asked, context } = until()
    await app.request('/', {}, {}, context)
    const early = await Promise.race([Promise.all(asked).then(() => 'let go'), Promise.resolve('kept')])
    expect([asked.length, early]).toEqual([1, 'kept'])
    gate.open()
    await Promise.all(asked)
    const hit = await app.request('/', {}, {}, context)
    expect([await hit.text(), asked.length]).toEqual(['page', 1])
  })

  it.each<[string, (c: Context) => Response | Promise<Response>]>([
    ['throws', () => Promise.reject(new Error('down'))],
    ['answers one visitor only', c => c.text('mine', 200, { 'cache-control': 'private' })],
    ['has no body', c => c.body(null, 204)],
  ])('is let go where the handler %s', async (_, handler) => {
    const app = new Hono()
    app.use(stampede())
    app.get('/', handler)
    app.onError((_error, c) => c.text('down', 500))
    const { asked, context } = until()
    await app.request('/', {}, {}, context)
    expect(asked).toHaveLength(1)
    await Promise.all(asked)
  })
})
