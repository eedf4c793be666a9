import type { Server } from 'node:http'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
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
import { HttpStampede } from '@stampede/core/http'
import { type Context, Hono } from 'hono'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stampede } from '../src/index.ts'

const ttl = 60_000

async function serve(app: Hono): Promise<{ readonly client: ServerClient; readonly server: Server }> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await listening(server)
  const client = clientOf(server)
  onTestFinished(client.close)
  return { client, server }
}

/** All that a server sends for one request, interim responses included. */
const rawText = async (port: number): Promise<string> =>
  (await rawBytes(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toString('latin1')

describe('an answer', () => {
  it('that early hints (103) go before is shared without them: they speak to one client', async () => {
    const gate = new Gate()
    const [runs, events] = [new Tally(), new Tally()]
    const app = new Hono()
    app.use(stampede({ ttl, onEvent: event => events.add(event.type) }))
    app.get('/', async c => {
      runs.add('run')
      const { outgoing } = c.env as HttpBindings
      if ('writeEarlyHints' in outgoing)
        await new Promise<void>(resolve => outgoing.writeEarlyHints({ link: '</a.css>; rel=preload' }, resolve))
      await gate.passed()
      return c.text('page')
    })
    const { client } = await serve(app)
    const leader = rawText(client.port)
    await runs.until('run', 1)
    const follower = rawText(client.port)
    await events.until('follow', 1)
    gate.open()
    expect(await leader).toMatch(/^HTTP\/1.1 103 Early Hints\r\nLink: [^]*\r\n\r\nHTTP\/1.1 200 OK\r\n[^]*page/)
    for (const text of [await follower, await rawText(client.port)]) {
      expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*page/)
      expect(text.toLowerCase()).not.toContain('link:')
    }
    expect(runs.count('run')).toBe(1)
  })

  const before = (c: Context): void => c.header('x-front', 'front')
  const touched = (c: Context): void => c.res.headers.set('x-own', 'front')
  const habits: Readonly<Record<string, readonly [(c: Context) => void, (c: Context) => Response]>> = {
    'a raw Response loses what c.header() set before': [
      before,
      () => new Response('page', { headers: { 'x-own': '1' } }),
    ],
    'c.newResponse keeps it': [before, c => c.newResponse('page', 200, { 'x-own': '1' })],
    'c.res was touched in front: its values win': [touched, () => new Response('page', { headers: { 'x-own': '1' } })],
    'c.res was touched in front, and the handler uses c.header()': [
      touched,
      c => {
        c.header('x-own', '1')
        return c.text('page')
      },
    ],
    'c.res is set by the handler': [
      before,
      c => {
        c.res = new Response('page', { headers: { 'x-own': '1', vary: 'Accept' } })
        c.res = new Response('page', { headers: { 'x-own': '2' } })
        return c.res
      },
    ],
    'a Response behind one that is final is ignored': [
      before,
      c => {
        c.res = new Response('page', { headers: { 'x-own': '1' } })
        return new Response('ignored', { headers: { 'x-own': '2' } })
      },
    ],
  }
  it.each(Object.entries(habits))('is as without Stampede, first and again: %s', async (_name, [front, handler]) => {
    const build = async (isCached: boolean): Promise<ServerClient> => {
      const app = new Hono()
      app.use(async (c, next) => {
        front(c)
        await next()
      })
      if (isCached) app.use(stampede({ ttl }))
      app.get('/', handler)
      return (await serve(app)).client
    }
    const [bare, cached] = [await build(false), await build(true)]
    const shown = async (client: ServerClient): Promise<readonly unknown[]> => {
      const { status, body, headers } = await client.fetch('/')
      return [status, body, headers['x-front'], headers['x-own'], headers.vary]
    }
    const expected = await shown(bare)
    expect([await shown(cached), await shown(cached)]).toEqual([expected, expected])
    expect((await cached.fetch('/')).headers['cache-status']).toContain('; hit')
  })
})

describe('a refresh', () => {
  it('comes from where its trigger came from: address, host and what proxies say', async () => {
    const clock = new TestClock()
    const events = new Tally()
    const seen: unknown[] = []
    const app = new Hono()
    const refresh = (request: Request, env: object): Response | Promise<Response> => app.fetch(request, env)
    app.use(stampede({ ttl, staleWhileRevalidate: ttl, clock, refresh, onEvent: event => events.add(event.type) }))
    app.get('/', c => {
      const { address, port } = getConnInfo(c).remote
      const { protocol, host } = new URL(c.req.url)
      seen.push([address, port, host, protocol, c.req.header('x-forwarded-for')])
      return c.text('page')
    })
    const { client, server } = await serve(app)
    await refreshFromAfar({ client, server, clock, ttl, events })
    expect(seen).toEqual(seenFromAfar('http:'))
  })

  it('without the option is run in front by the request that finds the answer stale; all others get the stale one', async () => {
    const clock = new TestClock()
    const [events, runs] = [new Tally(), new Tally()]
    const second = new Gate()
    const app = new Hono()
    app.use(stampede({ ttl, staleWhileRevalidate: ttl, clock, onEvent: event => events.add(event.type) }))
    app.get('/', async c => {
      runs.add('run')
      const run = runs.count('run')
      if (run > 1) await second.passed()
      return c.text(`run ${run}`)
    })
    const { client } = await serve(app)
    await client.fetch('/')
    clock.advance(ttl + 1)
    const inFront = client.fetch('/')
    await runs.until('run', 2)
    const others = await Promise.all([client.fetch('/'), client.fetch('/')])
    second.open()
    expect([...others, await inFront, await client.fetch('/')].map(({ body }) => body)).toEqual([
      'run 1',
      'run 1',
      'run 2',
      'run 2',
    ])
    expect([events.count('refresh'), events.count('stale')]).toEqual([0, 2])
  })
})

describe('an instance that two servers share', () => {
  it('answers on the one what the other stored, by options of each, and is invalidated for both', async () => {
    const instance = new HttpStampede({ cacheStatus: 'shared' })
    const runs = new Tally()
    const shared = async (options: { ttl?: number }): Promise<ServerClient> => {
      const app = new Hono()
      app.use(stampede({ instance, ...options }))
      app.get('/', c => {
        runs.add('run')
        return c.text(`run ${runs.count('run')}`)
      })
      return (await serve(app)).client
    }
    const [one, two] = [await shared({ ttl }), await shared({})]
    expect(await askInTurn(instance, one, two)).toEqual(IN_TURN)
  })
})
