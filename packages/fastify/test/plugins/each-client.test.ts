import fastifyAuth from '@fastify/auth'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import { clientOf, Gate, type ServerClient, Tally } from '@stampede/conformance'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stampedePlugin } from '../../src/index.ts'
import { TTL } from '../listening.ts'

type Build = (app: FastifyInstance) => unknown

interface App {
  readonly client: ServerClient
  readonly events: Tally
}

describe.each([
  ['registered before Stampede', true],
  ['registered after Stampede', false],
])('%s', (_place, isInFront) => {
  /** An app with a plugin, Stampede, and routes. */
  async function serve(plugin: Build, routes: Build): Promise<App> {
    const app = fastify()
    const events = new Tally()
    if (isInFront) await plugin(app)
    await app.register(stampedePlugin, { ttl: TTL, onEvent: event => events.add(event.type) })
    if (!isInFront) await plugin(app)
    await routes(app)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const client = clientOf(app.server)
    onTestFinished(async () => {
      await client.close()
      await app.close()
    })
    return { client, events }
  }

  it('@fastify/rate-limit counts each client by itself, on hits too, and refuses on hits', async () => {
    let runs = 0
    const limits = { max: 2, keyGenerator: (request: { headers: object }) => JSON.stringify(request.headers) }
    const { client } = await serve(
      app => app.register(rateLimit, limits),
      app => app.get('/', async () => `run ${(runs += 1)}`),
    )
    const replies: unknown[] = []
    for (const name of ['a', 'b', 'a', 'b', 'a', 'c']) {
      const { status, headers, body } = await client.fetch('/', { headers: { 'x-client': name } })
      replies.push([name, status, headers['x-ratelimit-remaining'], status === 200 ? body : ''])
    }
    expect(replies).toEqual([
      ['a', 200, '1', 'run 1'],
      ['b', 200, '1', 'run 1'],
      ['a', 200, '0', 'run 1'],
      ['b', 200, '0', 'run 1'],
      ['a', 429, '0', ''],
      ['c', 200, '1', 'run 1'],
    ])
  })

  it.each<[string, Build]>([
    ['of a route', app => app.get('/', { preHandler: app.auth([knows]) }, async () => 'secret')],
    ['of a route, one of two', app => app.get('/', { preHandler: app.auth([never, knows]) }, async () => 'secret')],
    ['of a route, early', app => app.get('/', { onRequest: app.auth([knows]) }, async () => 'secret')],
    ['of the app', app => void app.addHook('preHandler', app.auth([knows])).get('/', async () => 'secret')],
  ])('@fastify/auth %s: neither a hit nor a follower jumps over it', async (_name, routes) => {
    const { client } = await serve(app => app.register(fastifyAuth), routes)
    const known = { headers: { 'x-pass': 'known' } }
    expect(await client.fetch('/')).toMatchObject({ status: 401 })
    expect(await client.fetch('/', known)).toMatchObject({ status: 200, body: 'secret' })
    const hit = await client.fetch('/', known)
    expect(hit.headers['cache-status']).toContain('; hit')
    const refused = await client.fetch('/')
    expect([refused.status, refused.body.includes('secret')]).toEqual([401, false])
  })

  it.each<[string, Build]>([
    ['in the handler', app => app.get('/', async (_request, reply) => reply.setCookie('id', next()).send('page'))],
    [
      'in a hook in front',
      app => {
        app.addHook('preHandler', async (_request, reply) => {
          reply.setCookie('id', next())
        })
        app.get('/', async () => 'page')
      },
    ],
    [
      'in a hook as it is sent',
      app => {
        app.addHook('onSend', async (_request, reply) => {
          reply.setCookie('id', next())
        })
        app.get('/', async () => 'page')
      },
    ],
  ])('@fastify/cookie: a cookie that is set %s is one client’s', async (_name, routes) => {
    const { client } = await serve(app => app.register(cookie), routes)
    const burst = await Promise.all([1, 2, 3, 4].map(() => client.fetch('/')))
    const replies = [...burst, await client.fetch('/')]
    expect(new Set(replies.map(({ headers }) => headers['set-cookie']?.join())).size).toBe(replies.length)
  })

  it('@fastify/cookie: each who sends a cookie gets an answer of its own', async () => {
    const { client } = await serve(
      app => app.register(cookie),
      app => app.get('/', async ({ cookies }) => `for ${cookies['id'] ?? 'nobody'}`),
    )
    const bodies: string[] = []
    for (const headers of [{}, { cookie: 'id=a' }, { cookie: 'id=b' }, {}])
      bodies.push((await client.fetch('/', { headers })).body)
    expect(bodies).toEqual(['for nobody', 'for a', 'for b', 'for nobody'])
  })

  it('@fastify/helmet makes a nonce for each request, for followers and hits too', async () => {
    const gate = new Gate()
    const { client, events } = await serve(
      app => app.register(helmet, { enableCSPNonces: true }),
      app =>
        app.get('/', async () => {
          await gate.passed()
          return 'page'
        }),
    )
    const waiting = [1, 2, 3].map(() => client.fetch('/'))
    await events.until('follow', 2)
    gate.open()
    const replies = [...(await Promise.all(waiting)), await client.fetch('/')]
    expect(new Set(replies.map(({ headers }) => headers['content-security-policy'])).size).toBe(4)
  })

  it('@fastify/cors says of an error that many wait for what it says to each one’s own origin', async () => {
    const gate = new Gate()
    const { client, events } = await serve(
      app => app.register(cors, { origin: true, credentials: true }),
      app =>
        app.get('/', async () => {
          await gate.passed()
          throw new Error('down')
        }),
    )
    const origins = ['a', 'b', 'c'].map(name => `https://${name}.example`)
    const all = origins.map(origin => client.fetch('/', { headers: { origin } }))
    await events.until('follow', 2)
    gate.open()
    const replies = await Promise.all(all)
    expect(replies.map(({ status, headers }) => [status, headers['access-control-allow-origin']])).toEqual(
      origins.map(origin => [500, origin]),
    )
  })

  it('@fastify/cors answers a preflight, and each origin for itself on hits', async () => {
    const { client } = await serve(
      app => app.register(cors, { origin: ['https://a.example', 'https://b.example'] }),
      app => app.get('/', async () => 'page'),
    )
    const origins = ['https://a.example', 'https://b.example', 'https://evil.example', 'https://a.example']
    const allowed: unknown[] = []
    for (const origin of origins)
      allowed.push((await client.fetch('/', { headers: { origin } })).headers['access-control-allow-origin'])
    expect(allowed).toEqual(['https://a.example', 'https://b.example', undefined, 'https://a.example'])
    const preflight = { origin: 'https://b.example', 'access-control-request-method': 'GET' }
    expect(await client.fetch('/', { method: 'OPTIONS', headers: preflight })).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': 'https://b.example' },
    })
  })
})

let issued = 0

function next(): string {
  return String((issued += 1))
}

async function knows(request: { headers: Record<string, unknown> }): Promise<void> {
  if (request.headers['x-pass'] !== 'known') throw Object.assign(new Error('who are you?'), { statusCode: 401 })
}

async function never(): Promise<void> {
  throw Object.assign(new Error('never'), { statusCode: 401 })
}
