import { Gate, Tally, TestClock } from '@stampede/conformance'
import { type Context, Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { stampede } from '../src/index.ts'

const ttl = 60_000

/** A handler that says how often it ran. */
function counting(): (c: Context) => Response {
  let runs = 0
  return c => c.text(`run ${(runs += 1)}`)
}

async function bodies(app: Hono, ...targets: string[]): Promise<string[]> {
  const all: string[] = []
  for (const target of targets) all.push(await (await app.request(target)).text())
  return all
}

const ONCE = ['run 1', 'run 1']
const TWICE = ['run 1', 'run 2']

describe('sub-apps', () => {
  it('with Stampede: their routes alone take part', async () => {
    const sub = new Hono()
    sub.use(stampede({ ttl }))
    sub.get('/page', counting())
    const app = new Hono()
    app.route('/sub', sub)
    app.get('/page', counting())
    expect(await bodies(app, '/sub/page', '/sub/page')).toEqual(ONCE)
    expect(await bodies(app, '/page', '/page')).toEqual(TWICE)
  })

  it('of an app with Stampede take part, each under its own path', async () => {
    const run = counting()
    const sub = new Hono().get('/page', run)
    const app = new Hono()
    app.use(stampede({ ttl }))
    app.route('/a', sub).route('/b', sub)
    expect(await bodies(app, '/a/page', '/b/page', '/a/page', '/b/page')).toEqual(['run 1', 'run 2', 'run 1', 'run 2'])
  })

  it('may have instances of their own, beside or below one another', async () => {
    const sub = new Hono().use(stampede({ ttl })).get('/page', counting())
    const other = new Hono().use(stampede()).get('/page', counting())
    const app = new Hono()
    app.route('/a', sub).route('/b', other)
    expect(await bodies(app, '/a/page', '/a/page')).toEqual(ONCE)
    expect(await bodies(app, '/b/page', '/b/page')).toEqual(TWICE)
    const outer = stampede({ ttl, cacheStatus: 'outer' })
    const nested = new Hono()
      .use(outer)
      .route('/', app)
      .route('/c', new Hono().use(stampede({ ttl })).get('/', counting()))
    expect(await bodies(nested, '/c', '/c')).toEqual(ONCE)
    expect((await nested.request('/c')).headers.get('cache-status')).toContain('outer; hit')
  })

  it('with a base path take part under it', async () => {
    const app = new Hono().basePath('/v1')
    app.use(stampede({ ttl }))
    app.get('/page', counting())
    expect(await bodies(app, '/v1/page', '/v1/page')).toEqual(ONCE)
  })

  it('answer their own errors, and the app its own 404', async () => {
    const sub = new Hono()
    sub.onError((error, c) => c.text(`sub: ${error.message}`, 503))
    sub.get('/', () => {
      throw new Error('down')
    })
    const app = new Hono()
    app.use(stampede({ ttl }))
    app.notFound(c => c.text('own 404', 404))
    app.route('/sub', sub)
    for (let request = 0; request < 2; request += 1) {
      const [failed, missing] = [await app.request('/sub'), await app.request('/none')]
      expect([failed.status, await failed.text()]).toEqual([503, 'sub: down'])
      expect([missing.status, await missing.text()]).toEqual([404, 'own 404'])
    }
  })
})

describe('middleware', () => {
  it('by path, or on one route, takes those alone', async () => {
    const app = new Hono()
    app.use('/cached/*', stampede({ ttl }))
    app.get('/cached/page', counting())
    app.get('/one', stampede({ ttl }), counting())
    app.get('/page', counting())
    expect(await bodies(app, '/cached/page', '/cached/page')).toEqual(ONCE)
    expect(await bodies(app, '/one', '/one')).toEqual(ONCE)
    expect(await bodies(app, '/page', '/page')).toEqual(TWICE)
  })

  it('keeps what other middleware left in the context for each request’s own', async () => {
    const app = new Hono<{ Variables: { id: string } }>()
    app.use(async (c, next) => {
      c.set('id', c.req.query('id') ?? '')
      await next()
      c.header('x-id', c.var.id)
    })
    app.use(stampede({ ttl, query: [] }))
    app.get('/', c => c.text('page'))
    const ids: (string | null)[] = []
    for (const id of ['a', 'b']) ids.push((await app.request(`/?id=${id}`)).headers.get('x-id'))
    expect(ids).toEqual(['a', 'b'])
  })
})

describe('app.request(), with no server', () => {
  it('collapses, stores, refreshes, and answers conditions, ranges and HEAD', async () => {
    const clock = new TestClock()
    const events = new Tally()
    const gate = new Gate()
    const app = new Hono()
    const options = { ttl: 1_000, staleWhileRevalidate: 60_000, clock }
    app.use(stampede({ ...options, refresh: request => app.fetch(request), onEvent: event => events.add(event.type) }))
    const run = counting()
    app.get('/', async c => {
      await gate.passed()
      c.header('etag', '"v1"')
      return run(c)
    })
    const waiting = [1, 2, 3].map(async () => (await app.request('/')).text())
    await events.until('follow', 2)
    gate.open()
    expect(await Promise.all(waiting)).toEqual(['run 1', 'run 1', 'run 1'])
    expect((await app.request('/', { headers: { 'if-none-match': '"v1"' } })).status).toBe(304)
    const part = await app.request('/', { headers: { range: 'bytes=0-2' } })
    expect([part.status, await part.text()]).toEqual([206, 'run'])
    const head = await app.request('/', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', ''])
    clock.advance(2_000)
    expect(await bodies(app, '/')).toEqual(['run 1'])
    await events.until('store', 2)
    expect(await bodies(app, '/')).toEqual(['run 2'])
  })
})
