import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { clientOf, Gate, listening, type ServerClient, Tally } from '@stampede/conformance'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { cors } from 'hono/cors'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import { logger } from 'hono/logger'
import { NONCE, secureHeaders } from 'hono/secure-headers'
import { setCookie } from 'hono/cookie'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type StampedeOptions, stampede } from '../../src/index.ts'

interface App {
  readonly client: ServerClient
  readonly events: Tally
}

type Handler = (c: Context) => Response | Promise<Response>

const ttl = 60_000

async function serve(
  isInFront: boolean,
  middleware: MiddlewareHandler,
  handler: Handler,
  own: StampedeOptions = {},
): Promise<App> {
  const events = new Tally()
  const cached = stampede({ ttl, ...own, onEvent: event => events.add(event.type) })
  const app = new Hono()
  for (const each of isInFront ? [middleware, cached] : [cached, middleware]) app.use(each)
  app.all('/', handler)
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await listening(server)
  const client = clientOf(server)
  onTestFinished(client.close)
  return { client, events }
}

const users = { username: 'alice', password: 'a', realm: 'test' }
const ALICE = { authorization: `Basic ${btoa('alice:a')}` }
const MALLORY = { authorization: `Basic ${btoa('mallory:m')}` }

describe.each([
  ['in front of Stampede', true],
  ['behind Stampede', false],
])('%s', (_place, isInFront) => {
  it('basicAuth asks each for a password: who has none gets nothing, and what one gets is no other’s', async () => {
    let runs = 0
    const { client } = await serve(isInFront, basicAuth(users), c => c.text(`secret ${(runs += 1)}`))
    const replies: unknown[] = []
    for (const headers of [ALICE, {}, MALLORY, ALICE, {}]) {
      const { status, body } = await client.fetch('/', { headers })
      replies.push([status, body])
    }
    const refused = [401, 'Unauthorized']
    expect(replies).toEqual([[200, 'secret 1'], refused, refused, [200, 'secret 2'], refused])
  })

  it('csrf refuses a foreign form, and lets its own through to the handler each time', async () => {
    let runs = 0
    const { client } = await serve(isInFront, csrf(), c => c.text(`run ${(runs += 1)}`))
    const form = { method: 'POST', body: 'a=b' }
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await client.fetch('/')).body).toBe('run 1')
    expect(await client.fetch('/', { ...form, headers: { ...type, origin: 'https://evil.example' } })).toMatchObject({
      status: 403,
    })
    const own = { ...form, headers: { ...type, 'sec-fetch-site': 'same-origin' } }
    for (const body of ['run 2', 'run 3']) expect(await client.fetch('/', own)).toMatchObject({ status: 200, body })
  })

  it('cors answers a preflight, and each origin for itself on hits', async () => {
    const allowed = ['https://a.example', 'https://b.example']
    const { client } = await serve(isInFront, cors({ origin: allowed }), c => c.text('page'))
    const origins = [...allowed, 'https://evil.example', 'https://a.example']
    const answered: unknown[] = []
    for (const origin of origins)
      answered.push((await client.fetch('/', { headers: { origin } })).headers['access-control-allow-origin'])
    expect(answered).toEqual([...allowed, undefined, 'https://a.example'])
    const headers = { origin: 'https://b.example', 'access-control-request-method': 'GET' }
    expect(await client.fetch('/', { method: 'OPTIONS', headers })).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': 'https://b.example' },
    })
  })

  it('cors says of an error that many wait for what it says to each one’s own origin', async () => {
    const gate = new Gate()
    const echo = cors({ origin: own => own, credentials: true })
    const { client, events } = await serve(isInFront, echo, async () => {
      await gate.passed()
      throw new HTTPException(503, { message: 'down' })
    })
    const origins = ['a', 'b', 'c'].map(name => `https://${name}.example`)
    const all = origins.map(own => client.fetch('/', { headers: { origin: own } }))
    await events.until('follow', 2)
    gate.open()
    const replies = await Promise.all(all)
    expect(replies.map(({ status, headers }) => [status, headers['access-control-allow-origin']])).toEqual(
      origins.map(own => [503, own]),
    )
  })

  it('a cookie that middleware sets is one client’s', async () => {
    let issued = 0
    const middleware: MiddlewareHandler = async (c, next) => {
      await next()
      setCookie(c, 'id', String((issued += 1)))
    }
    const { client } = await serve(isInFront, middleware, c => c.text('page'))
    const replies = [...(await Promise.all([1, 2, 3].map(() => client.fetch('/')))), await client.fetch('/')]
    expect(new Set(replies.map(({ headers }) => headers['set-cookie']?.join())).size).toBe(replies.length)
  })
})

describe('what stands in front runs on hits too, what stands behind on runs alone:', () => {
  it.each([
    [true, 8],
    [false, 2],
  ])('logger (in front: %s)', async (isInFront, lines) => {
    const log: string[] = []
    const gate = new Gate()
    const { client, events } = await serve(
      isInFront,
      logger(line => log.push(line)),
      async c => {
        await gate.passed()
        return c.text('page')
      },
    )
    const waiting = [1, 2, 3].map(() => client.fetch('/'))
    await events.until('follow', 2)
    gate.open()
    await Promise.all(waiting)
    await client.fetch('/')
    expect(log).toHaveLength(lines)
  })

  it.each([
    [true, 3],
    [false, 1],
  ])('a nonce of secureHeaders (in front: %s)', async (isInFront, nonces) => {
    const { client } = await serve(isInFront, secureHeaders({ contentSecurityPolicy: { scriptSrc: [NONCE] } }), c =>
      c.text('page'),
    )
    const seen = new Set<unknown>()
    for (let request = 0; request < 3; request += 1)
      seen.add((await client.fetch('/')).headers['content-security-policy'])
    expect(seen.size).toBe(nonces)
  })
})
