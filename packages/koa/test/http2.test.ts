import { type ClientHttp2Session, connect, createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { type KoaStampede, stampede } from '../src/index.ts'

const open: (readonly [ClientHttp2Session, Http2Server])[] = []

afterEach(async () => {
  for (const [session, server] of open.splice(0)) {
    await new Promise<void>(resolve => session.close(resolve))
    await new Promise<void>(resolve => server.close(() => resolve()))
  }
})

type Ask = (headers: object, body?: string) => Promise<string>

/** A server that answers with the host and the body as Koa shows them. */
async function serve(): Promise<{ readonly cached: KoaStampede; readonly ask: Ask }> {
  const cached = stampede({ ttl: 60_000, methods: ['GET', 'POST'] })
  const app = new Koa().use(cached).use(async ctx => {
    ctx.body = `${ctx.host} ${(await buffer(ctx.req)).toString()}`
  })
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  open.push([session, server])
  const ask: Ask = (headers, body) => {
    const stream = session.request({ ':authority': 'a', ...headers }, { endStream: body === undefined })
    if (body !== undefined) stream.end(body)
    return text(stream)
  }
  return { cached, ask }
}

describe('over HTTP/2', () => {
  it('a GET is shared', async () => {
    const { cached, ask } = await serve()
    expect([await ask({}), await ask({})]).toEqual(['a ', 'a '])
    expect(cached.stats()).toMatchObject({ hits: 1, bypasses: 0 })
  })

  it('a GET with a body bypasses, though no header says that there is one', async () => {
    const { cached, ask } = await serve()
    expect(await ask({}, 'body')).toBe('a body')
    expect(cached.stats()).toMatchObject({ bypasses: 1, misses: 0 })
  })

  it('a POST with a body bypasses, and finds it whole', async () => {
    const { cached, ask } = await serve()
    expect(await ask({ ':method': 'POST', 'content-length': 4 }, 'body')).toBe('a body')
    expect(cached.stats()).toMatchObject({ bypasses: 1, misses: 0 })
  })

  it('a Host that differs from the authority is part of the key: frameworks differ in which they use', async () => {
    const { cached, ask } = await serve()
    for (const headers of [{ host: 'a', ':authority': 'evil' }, { host: 'evil' }, {}]) {
      expect(await ask(headers)).toBe(`${headers[':authority'] ?? 'a'} `)
    }
    expect(cached.stats()).toMatchObject({ misses: 3, hits: 0 })
  })
})
