import { Readable } from 'node:stream'
import { Source } from '@stampede/conformance'
import { type ExecutionContext, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type HonoStampede, stampede } from '../src/index.ts'
import { served } from './served.ts'

/** The runtime's own, as the middleware uses it where a test fakes timers, too. */
const soon = setImmediate

/** A leader's head is final one turn of the event loop after the last that reads it. */
function turn(): Promise<void> {
  return new Promise(resolve => void soon(resolve))
}

afterEach(() => {
  vi.useRealTimers()
})

interface App {
  readonly app: Hono
  readonly cached: HonoStampede
  readonly source: Source
}

/** An app that answers with a streaming body, which middleware in front replaces on request. */
function streaming(): App {
  const source = new Source()
  const app = new Hono()
  const cached = stampede()
  app.use(async (c, next) => {
    await next()
    if (c.req.header('x-replaced') !== undefined) c.res = new Response('other')
  })
  app.use(cached)
  app.get('/', c => c.body(Readable.toWeb(Readable.from(source.body.chunks, { objectMode: false })) as ReadableStream))
  return { app, cached, source }
}

describe('a body on its way', () => {
  const replaced = { headers: { 'x-replaced': '1' } }

  it('is not held by a leader to whom middleware in front sends something else', async () => {
    const { app, cached, source } = streaming()
    const client = await served(app)
    source.give('first ')
    expect(await client.fetch('/', replaced)).toMatchObject({ body: 'other' })
    await source.seen.until('closed', 1)
    expect(cached.stats()).toMatchObject({ bytes: 0, flights: 0 })
  })

  it('is not held by a follower to whom middleware in front sends something else', async () => {
    const { app, cached, source } = streaming()
    const client = await served(app)
    source.give('first ')
    const leader = await client.open('/')
    expect(await client.fetch('/', replaced)).toMatchObject({ body: 'other' })
    expect([cached.stats().collapsed, source.seen.count('closed')]).toEqual([1, 0])
    leader.close()
    await source.seen.until('closed', 1)
    expect(cached.stats()).toMatchObject({ bytes: 0, flights: 0 })
  })

  it('is given to followers while it arrives where there is no Node, and not held by those that go', async () => {
    const { app, cached, source } = streaming()
    const requests = [new AbortController(), new AbortController()]
    source.give('first ')
    const replies = []
    for (const { signal } of requests) replies.push(await app.request('/', { signal }))
    const readers = replies.map(({ body }) => (body as ReadableStream<Uint8Array> | null)?.getReader())
    for (const reader of readers)
      expect(await reader?.read()).toEqual({ done: false, value: new TextEncoder().encode('first ') })
    expect(cached.stats()).toMatchObject({ misses: 1, collapsed: 1 })
    for (const request of requests) request.abort()
    await source.seen.until('closed', 1)
    const gone = await app.request('/', { signal: AbortSignal.abort() })
    expect([gone.status, cached.stats().bytes]).toEqual([200, 0])
    await gone.body?.cancel()
    await turn()
  })

  it('keeps a runtime awake that ends requests which only wait, no longer than they do', async () => {
    vi.useFakeTimers()
    const { app, source } = streaming()
    const context: ExecutionContext = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }
    const replies = [await app.request('/', {}, {}, context)]
    await turn()
    replies.push(await app.request('/', {}, {}, context))
    const idle = vi.getTimerCount()
    const texts = replies.map(reply => reply.text())
    expect(vi.getTimerCount()).toBe(idle + 2)
    source.give('first ')
    source.end()
    expect(await Promise.all(texts)).toEqual(['first ', 'first '])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that is an event stream reaches each client by itself', async () => {
    const app = new Hono()
    const cached = stampede({ ttl: 60_000 })
    let runs = 0
    app.use(cached)
    app.get('/', c => {
      runs += 1
      return streamSSE(c, async stream => {
        await stream.writeSSE({ data: `run ${runs}` })
        await new Promise<void>(resolve => stream.onAbort(resolve))
      })
    })
    const client = await served(app)
    for (const run of [1, 2]) expect(await (await client.open('/')).read(13)).toBe(`data: run ${run}\n\n`)
    expect(cached.stats()).toMatchObject({ entries: 0, collapsed: 0, flights: 0 })
  })
})
