import { Gate, Tally } from '@stampede/conformance'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { type HonoStampede, stampede } from '../src/index.ts'
import { served } from './served.ts'

interface Nested {
  readonly app: Hono
  readonly cached: HonoStampede
}

const WAYS: Record<string, (cached: HonoStampede, within: Hono) => Hono> = {
  'given the request': (cached, within) => new Hono().use(cached).all('*', c => within.fetch(c.req.raw, c.env)),
  // As Hono mounts one in another.
  'given a request made of it': (cached, within) =>
    new Hono().use(cached).all('*', c => within.fetch(new Request(c.req.url, c.req.raw), c.env)),
}

function nested(way: string): Nested {
  const cached = stampede({ ttl: 60_000 })
  const within = new Hono().use(cached).get('/page', c => c.text('page'))
  const make = WAYS[way]
  if (make === undefined) throw new Error(`no such way: ${way}`)
  return { app: make(cached, within), cached }
}

describe('a request that comes to one instance again, in another context', () => {
  it.each(Object.keys(WAYS))('does not wait for itself: an app %s', async way => {
    const { app, cached } = nested(way)
    const client = await served(app)
    const [first, again] = [await client.fetch('/page'), await client.fetch('/page')]
    expect([first.body, again.body]).toEqual(['page', 'page'])
    expect(first.headers['cache-status']).toBe('stampede; fwd=uri-miss')
    expect(again.headers['cache-status']).toMatch(/^stampede; hit; ttl=(59|60)$/)
    expect(cached.stats()).toMatchObject({ hits: 1, misses: 1, collapsed: 0, flights: 0 })
  })

  it('is another one where it is a sub-request: those of one page are answered by one run', async () => {
    const gate = new Gate()
    const events = new Tally()
    const cached = stampede({ onEvent: ({ type }) => events.add(type) })
    let runs = 0
    const app = new Hono()
    app.get('/page', async c => {
      const parts = [1, 2, 3].map(async () => (await app.request('/part', undefined, c.env)).text())
      return c.text((await Promise.all(parts)).join())
    })
    app.get('/part', cached, async c => {
      runs += 1
      await gate.passed()
      return c.text(`run ${runs}`)
    })
    const page = (await served(app)).fetch('/page')
    await events.until('follow', 2)
    gate.open()
    expect((await page).body).toBe('run 1,run 1,run 1')
  })

  it('does not wait for itself where no server of Node’s kind is below', async () => {
    const { app, cached } = nested('given the request')
    expect(await (await app.request('/page')).text()).toBe('page')
    expect(cached.stats()).toMatchObject({ misses: 1, collapsed: 0, flights: 0 })
  })
})
