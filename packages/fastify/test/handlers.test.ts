import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { Gate, Tally } from '@stampede/conformance'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { stampedePlugin } from '../src/index.ts'
import { listening, TTL } from './listening.ts'

describe('handlers', () => {
  const kinds: Record<string, (app: FastifyInstance) => unknown> = {
    'that call send': app => app.get('/', (_request, reply) => void reply.send('body')),
    'that call send later': app => app.get('/', (_request, reply) => void setImmediate(() => void reply.send('body'))),
    'that return a value': app => app.get('/', async () => 'body'),
    'that send and return the reply': app => app.get('/', async (_request, reply) => reply.send('body')),
    'that send a Response': app => app.get('/', async () => new Response('body', { headers: { 'x-own': '1' } })),
    'that send a web stream': app => app.get('/', async () => new Response('body').body),
    'that send a stream': app => app.get('/', async () => Readable.from(['bo', 'dy'], { objectMode: false })),
  }
  for (const [name, build] of Object.entries(kinds)) {
    it(`${name} are answered right, first and again`, async () => {
      const { client, app } = await listening(build)
      const first = await client.fetch('/')
      const again = await client.fetch('/')
      expect([first.body, again.body]).toEqual(['body', 'body'])
      expect(again.headers['content-type']).toBe(first.headers['content-type'])
      expect(again.headers['x-own']).toBe(first.headers['x-own'])
      expect(app.stampede.stats()).toMatchObject({ hits: 1, misses: 1, flights: 0 })
    })
  }

  it('without a promise may be promoted', async () => {
    const gate = new Gate()
    const runs = new Tally()
    const { client, events } = await listening(app =>
      app.get('/', (_request, reply) => {
        runs.add('run')
        const isFirst = runs.count('run') === 1
        void gate.passed().then(() => (isFirst ? reply.send(new Error('client went')) : reply.send('body')))
      }),
    )
    const controller = new AbortController()
    const leader = client.fetch('/', { signal: controller.signal })
    await runs.until('run', 1)
    const followers = [client.fetch('/'), client.fetch('/')]
    await events.until('follow', 2)
    controller.abort()
    await expect(leader).rejects.toThrow('abort')
    await client.connections.until('closed', 1)
    gate.open()
    expect((await Promise.all(followers)).map(({ body }) => body)).toEqual(['body', 'body'])
    expect(runs.count('run')).toBe(2)
  })

  it('that hijack the reply are shared with nobody, and hold nobody up', async () => {
    const gate = new Gate()
    const runs = new Tally()
    const { client, events, app } = await listening(instance =>
      instance.get('/', async (_request, reply) => {
        runs.add('run')
        const run = runs.count('run')
        await gate.passed()
        reply.hijack()
        reply.raw.end(`run ${run}`)
      }),
    )
    const all = [client.fetch('/'), client.fetch('/'), client.fetch('/')]
    await events.until('follow', 2)
    gate.open()
    expect(new Set((await Promise.all(all)).map(({ body }) => body)).size).toBe(3)
    expect(app.stampede.stats()).toMatchObject({ entries: 0, flights: 0, collapsed: 0 })
  })

  it('whose hit an error of another hook replaces: the stored response is unaffected', async () => {
    const { client, app } = await listening(instance => {
      instance.addHook('onSend', async ({ headers }) => {
        if (headers['x-fail'] !== undefined) throw new Error('hook failed')
      })
      instance.get('/', async (_request, reply) => reply.header('date', 'Sun, 06 Nov 1994 08:49:37 GMT').send('page'))
    })
    await client.fetch('/')
    const failed = await client.fetch('/', { headers: { 'x-fail': '1' } })
    expect([failed.status, failed.headers['age'], failed.headers['cache-status']]).toEqual([500, undefined, undefined])
    expect(new Date(String(failed.headers['date'])).getFullYear()).toBeGreaterThan(2000)
    const hit = await client.fetch('/')
    expect([hit.body, hit.headers['date']]).toEqual(['page', 'Sun, 06 Nov 1994 08:49:37 GMT'])
    expect(app.stampede.stats()).toMatchObject({ hits: 2, misses: 1 })
  })

  it.each<[string, (app: FastifyInstance) => unknown]>([
    [
      'by a hook of a route, behind Stampede',
      app =>
        app.addHook('onRoute', route => {
          route.onSend = [route.onSend ?? []].flat().concat(async (_request, reply) => {
            reply.header('set-cookie', 'sid=1')
          })
        }),
    ],
    [
      'as it is written',
      app =>
        app.addHook('onRequest', async (_request, reply) => {
          const writeHead = reply.raw.writeHead.bind(reply.raw)
          reply.raw.writeHead = (...head: unknown[]) => {
            reply.raw.setHeader('set-cookie', 'sid=1')
            return Reflect.apply(writeHead, reply.raw, head) as typeof reply.raw
          }
        }),
    ],
  ])('whose head is added to %s are shared with nobody', async (_name, addTo) => {
    const gate = new Gate()
    let runs = 0
    const { client, events, app } = await listening(instance => {
      addTo(instance)
      instance.get('/', async () => {
        const run = (runs += 1)
        await gate.passed()
        return `run ${run}`
      })
    })
    const all = [client.fetch('/'), client.fetch('/'), client.fetch('/')]
    await events.until('follow', 2)
    gate.open()
    expect(new Set((await Promise.all(all)).map(({ body }) => body)).size).toBe(3)
    expect(app.stampede.stats()).toMatchObject({ entries: 0, collapsed: 0 })
  })

  it('over HTTP/2 finish for the followers of a leader that went', async () => {
    const gate = new Gate()
    const runs = new Tally()
    const events = new Tally()
    const app = fastify({ http2: true })
    await app.register(stampedePlugin, { ttl: TTL, onEvent: event => events.add(event.type) })
    app.get('/', async () => {
      runs.add('run')
      await gate.passed()
      return 'page'
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    const sessions = [connect(`http://127.0.0.1:${port}`), connect(`http://127.0.0.1:${port}`)]
    const [leading, following] = sessions
    const leader = leading?.request({ ':path': '/' })
    leader?.on('error', () => {})
    await runs.until('run', 1)
    const follower = following?.request({ ':path': '/' })
    await events.until('follow', 1)
    const gone = new Promise(resolve => app.server.once('session', resolve))
    leading?.destroy()
    const third = connect(`http://127.0.0.1:${port}`)
    await gone
    gate.open()
    let body = ''
    for await (const chunk of follower ?? []) body += String(chunk)
    expect(body).toBe('page')
    expect(runs.count('run')).toBe(1)
    for (const session of [...sessions, third]) session.destroy()
    await app.close()
  })

  it('that throw are answered by the app’s own error handler, for leader and followers', async () => {
    const gate = new Gate()
    let runs = 0
    const { client, events } = await listening(app => {
      app.setErrorHandler(async (error, _request, reply) => reply.code(502).send({ own: (error as Error).message }))
      app.get('/', async () => {
        runs += 1
        await gate.passed()
        throw new Error('down')
      })
    })
    const all = [client.fetch('/'), client.fetch('/')]
    await events.until('follow', 1)
    gate.open()
    for (const reply of await Promise.all(all)) expect(reply).toMatchObject({ status: 502, body: '{"own":"down"}' })
    expect(runs).toBe(1)
  })
})
