import { createServer, type Server } from 'node:http'
import {
  clientOf,
  askInTurn,
  IN_TURN,
  Gate,
  listening,
  rawBytes,
  refreshFromAfar,
  seenFromAfar,
  type ServerClient,
  Tally,
  TestClock,
} from '@stampede/conformance'
import { Readable } from 'node:stream'
import { HttpStampede } from '@stampede/core/http'
import Koa, { type Context } from 'koa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type HttpOptions, stampede } from '../src/index.ts'

const ttl = 60_000

async function serve(
  handler: ((ctx: Context) => unknown) | undefined,
  options: HttpOptions | null = {},
): Promise<{ readonly client: ServerClient; readonly server: Server; readonly events: Tally }> {
  const app = new Koa()
  app.silent = true
  const events = new Tally()
  if (options !== null) app.use(stampede({ ttl, ...options, onEvent: event => events.add(event.type) }))
  if (handler !== undefined)
    app.use(async ctx => {
      await handler(ctx)
    })
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listening(server)
  const client = clientOf(server)
  onTestFinished(client.close)
  return { client, server, events }
}

/** All that a server sends for one request, interim responses included. */
const rawText = async (port: number): Promise<string> =>
  (await rawBytes(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toString('latin1')

describe('an answer', () => {
  it('that early hints (103) go before is shared without them: they speak to one client', async () => {
    const gate = new Gate()
    const runs = new Tally()
    const { client, events } = await serve(async ctx => {
      runs.add('run')
      await new Promise<void>(resolve => ctx.res.writeEarlyHints({ link: '</a.css>; rel=preload' }, resolve))
      await gate.passed()
      ctx.body = 'page'
    })
    const leader = rawText(client.port)
    await runs.until('run', 1)
    const follower = rawText(client.port)
    await events.until('follow', 1)
    gate.open()
    expect(await leader).toMatch(/^HTTP\/1.1 103 Early Hints\r\nLink: [^]*\r\n\r\nHTTP\/1.1 200 OK\r\n[^]*page$/)
    for (const text of [await follower, await rawText(client.port)]) {
      expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*page$/)
      expect(text.toLowerCase()).not.toContain('link:')
    }
    expect(runs.count('run')).toBe(1)
  })

  it('has the lines of a repeated header, each by itself, on a hit too', async () => {
    const { client } = await serve(ctx => {
      ctx.set('Link', ['<a>', '<b>'])
      ctx.body = 'page'
    })
    for (let request = 0; request < 2; request += 1)
      expect((await rawText(client.port)).toLowerCase().match(/^link: .*$/gm)).toEqual(['link: <a>', 'link: <b>'])
  })

  const emptied: Readonly<Record<string, (ctx: Context) => void>> = {
    'a text with 204': ctx => {
      ctx.body = 'text'
      ctx.status = 204
    },
    'a text with 205': ctx => {
      ctx.body = 'text'
      ctx.status = 205
    },
    'a text after 204': ctx => {
      ctx.status = 204
      ctx.body = 'text'
    },
    'a stream after 205': ctx => {
      ctx.status = 205
      ctx.body = Readable.from(['text'], { objectMode: false })
    },
    'a text after 304': ctx => {
      ctx.status = 304
      ctx.body = 'text'
    },
    'a text whose length is said wrong': ctx => {
      ctx.body = 'text'
      ctx.length = 2
    },
    'an object whose length is said wrong': ctx => {
      ctx.set('Content-Length', '2')
      ctx.body = { id: 1 }
    },
    'null, by its own status': ctx => {
      ctx.status = 200
      ctx.body = null
    },
  }
  it.each(Object.entries(emptied))('is what Koa makes of it when it responds: %s', async (_name, handler) => {
    const [bare, cached] = [await serve(handler, null), await serve(handler)]
    const shown = async ({ client }: typeof bare): Promise<unknown> => {
      const reply = await client.fetch('/').catch(() => undefined)
      if (reply === undefined) return 'broken off'
      const { status, body, headers } = reply
      return [status, body, headers['content-length'], headers['content-type']]
    }
    const expected = await shown(bare)
    expect([await shown(cached), await shown(cached)]).toEqual([expected, expected])
  })
})

describe('a refresh', () => {
  it('comes from where its trigger came from: address, host and what proxies say', async () => {
    const clock = new TestClock()
    const seen: unknown[] = []
    const { client, server, events } = await serve(
      ctx => {
        seen.push([ctx.ip, ctx.req.socket.remotePort, ctx.host, ctx.protocol, ctx.get('x-forwarded-for')])
        ctx.body = 'page'
      },
      { staleWhileRevalidate: ttl, clock },
    )
    await refreshFromAfar({ client, server, clock, ttl, events })
    expect(seen).toEqual(seenFromAfar('http'))
  })
})

describe('an instance that two servers share', () => {
  it('answers on the one what the other stored, by options of each, and is invalidated for both', async () => {
    const instance = new HttpStampede({ cacheStatus: 'shared' })
    const runs = new Tally()
    const handler = (ctx: Context): void => {
      runs.add('run')
      ctx.body = `run ${runs.count('run')}`
    }
    const shared = async (...middleware: Koa.Middleware[]): Promise<ServerClient> => {
      const app = new Koa()
      for (const each of middleware) app.use(each)
      const handle = app.callback()
      const server = createServer((request, response) => void handle(request, response))
      await listening(server)
      const client = clientOf(server)
      onTestFinished(client.close)
      return client
    }
    const [one, two] = [
      await shared(stampede({ instance, ttl }), handler),
      await shared(stampede({ instance }), handler),
    ]
    expect(await askInTurn(instance, one, two)).toEqual(IN_TURN)
  })
})
