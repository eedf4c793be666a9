import type { Server } from 'node:http'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { clientOf, listening } from '@stampede/conformance'
import { ResponseHandle } from '@stampede/core/http'
import { type Context, Hono } from 'hono'
import { expect, it } from 'vitest'
import { stampede } from '../src/index.ts'

const ttl = 60_000

/** Asks for a page and then, with a POST, for the same; on Node's server and without any. */
async function readAndWrite(app: Hono, onNode: boolean): Promise<void> {
  if (!onNode) {
    await (await app.request('/a')).text()
    await app.request('/a', { method: 'POST' })
    return
  }
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await listening(server)
  const client = clientOf(server)
  await client.fetch('/a')
  await client.fetch('/a', { method: 'POST' })
  await client.close()
}

const writes: Record<string, readonly [write: (c: Context) => Response | Promise<Response>, left: number]> = {
  'with success': [c => c.text('done', 201), 0],
  'with a redirect': [c => c.redirect('/b', 303), 0],
  'with a failure': [c => c.text('no', 409), 1],
  'by throwing': [() => Promise.reject(new Error('down')), 1],
}

it.each(Object.entries(writes).flatMap(([name, write]) => [true, false].map(onNode => ({ name, write, onNode }))))(
  'an unsafe request that is answered $name counts by its final head (on Node: $onNode)',
  async ({ write: [write, left], onNode }) => {
    const app = new Hono()
    const cached = stampede({ ttl })
    app.use(cached)
    app.get('/a', c => c.text('x'))
    app.post('/a', write)
    app.onError((_error, c) => c.text('error', 500))
    await readAndWrite(app, onNode)
    expect(cached.stats().entries).toBe(left)
  },
)

it('an unsafe request that the handler answers past Hono counts', async () => {
  const app = new Hono<{ Bindings: HttpBindings }>()
  const cached = stampede({ ttl })
  app.use(cached)
  app.get('/a', c => c.text('x'))
  app.post('/a', c => {
    c.env.outgoing.writeHead(200).end('raw')
    return RESPONSE_ALREADY_SENT
  })
  await readAndWrite(app as unknown as Hono, true)
  expect(cached.stats().entries).toBe(0)
})

it('Stampede-Cache-Tag is not sent on without Node either', async () => {
  const app = new Hono()
  const cached = stampede({ ttl })
  app.use(cached)
  app.get('/a', c => c.text('x', 200, { 'stampede-cache-tag': 'a' }))
  app.get('/private', c => c.text('x', 200, { 'stampede-cache-tag': 'a', 'cache-control': 'private' }))
  const replies = [await app.request('/a'), await app.request('/a'), await app.request('/private')]
  replies.push(await app.request('/a', { headers: { cookie: 'a=1' } }))
  expect(replies.map(({ headers }) => headers.has('stampede-cache-tag'))).toEqual([false, false, false, false])
  void cached.invalidateTags('a')
  expect(cached.stats().entries).toBe(0)
})

it('c.var.stampede is one for all instances that a request goes through, and typed', async () => {
  const app = new Hono()
  const [outer, inner] = [stampede({ ttl }), stampede({ ttl })]
  app.use(outer, inner)
  app.get('/a', c => {
    const handle: ResponseHandle = c.var.stampede
    handle.noStore = true
    // @ts-expect-error a lifetime is a number
    expect(() => (c.var.stampede.ttl = 'long')).toThrow('"ttl" got "long"')
    return c.text(String(handle instanceof ResponseHandle))
  })
  expect(await (await app.request('/a')).text()).toBe('true')
  expect([outer.stats().entries, inner.stats().entries]).toEqual([0, 0])
})
