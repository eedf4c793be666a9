import {
  clientOf,
  askInTurn,
  IN_TURN,
  Gate,
  rawBytes,
  refreshFromAfar,
  seenFromAfar,
  type ServerClient,
  Tally,
  TestClock,
} from '@stampede/conformance'
import { HttpStampede } from '@stampede/core/http'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stampedePlugin } from '../src/index.ts'
import { listening, TTL } from './listening.ts'

/** All that a server sends for one request, interim responses included. */
const rawText = async (port: number): Promise<string> =>
  (await rawBytes(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toString('latin1')

describe('an answer', () => {
  it('that early hints (103) go before is shared without them: they speak to one client', async () => {
    const gate = new Gate()
    const runs = new Tally()
    const { client, events } = await listening(app =>
      app.get('/', async (_request, reply) => {
        runs.add('run')
        await new Promise<void>(resolve => reply.raw.writeEarlyHints({ link: '</a.css>; rel=preload' }, resolve))
        await gate.passed()
        return 'page'
      }),
    )
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
    const { client } = await listening(app =>
      app.get('/', async (_request, reply) => reply.header('link', ['<a>', '<b>']).send('page')),
    )
    for (let request = 0; request < 2; request += 1)
      expect((await rawText(client.port)).match(/^link: .*$/gim)).toEqual(['link: <a>', 'link: <b>'])
  })

  it('of a leader whose connection times out is for the others', async () => {
    const gate = new Gate()
    const runs = new Tally()
    const { client, events } = await listening(app => {
      app.addHook('onTimeout', (_request, _reply, done) => {
        runs.add('timeout')
        done()
      })
      app.addHook('onRequestAbort', (_request, done) => {
        runs.add('abort')
        done()
      })
      app.get('/', async request => {
        runs.add('run')
        const run = runs.count('run')
        if (run === 1) {
          const { socket } = request.raw
          await events.until('follow', 2)
          // As node:http does after connectionTimeout.
          socket.emit('timeout')
          socket.destroy()
        }
        await gate.passed()
        return `run ${run}`
      })
    })
    const leader = client.fetch('/').catch((error: unknown) => String(error))
    await runs.until('run', 1)
    const followers = [client.fetch('/'), client.fetch('/')]
    expect(await leader).toContain('hang up')
    await runs.until('abort', 1)
    expect(runs.count('timeout')).toBe(1)
    gate.open()
    expect((await Promise.all(followers)).map(({ body }) => body)).toEqual(['run 1', 'run 1'])
    expect(runs.count('run')).toBe(1)
  })
})

describe('a refresh', () => {
  it('comes from where its trigger came from: address, host and what proxies say', async () => {
    const clock = new TestClock()
    const seen: unknown[] = []
    const { client, app, events } = await listening(
      instance =>
        instance.get('/', async request => {
          const { 'x-forwarded-for': forwarded } = request.headers
          seen.push([request.ip, request.raw.socket.remotePort, request.host, request.protocol, forwarded])
          return 'page'
        }),
      { ttl: TTL, staleWhileRevalidate: TTL, clock },
    )
    await refreshFromAfar({ client, server: app.server, clock, ttl: TTL, events })
    expect(seen).toEqual(seenFromAfar('http'))
  })
})

describe('an instance that two servers share', () => {
  it('answers on the one what the other stored, by options of each, and is invalidated for both', async () => {
    const instance = new HttpStampede({ cacheStatus: 'shared' })
    const runs = new Tally()
    const shared = async (options: { ttl?: number }): Promise<ServerClient> => {
      const app = fastify()
      await app.register(stampedePlugin, { instance, ...options })
      app.get('/', async () => {
        runs.add('run')
        return `run ${runs.count('run')}`
      })
      await app.listen({ port: 0, host: '127.0.0.1' })
      onTestFinished(() => app.close())
      return clientOf(app.server)
    }
    const [one, two] = [await shared({ ttl: TTL }), await shared({})]
    expect(await askInTurn(instance, one, two)).toEqual(IN_TURN)
  })
})
