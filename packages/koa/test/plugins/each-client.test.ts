import cors from '@koa/cors'
import { type ServerClient } from '@stampede/conformance'
import Koa, { type Context, type Middleware } from 'koa'
import session from 'koa-session'
import { describe, expect, it } from 'vitest'
import { stampede } from '../../src/index.ts'
import { served } from '../served.ts'

type Use = (app: Koa) => Middleware

async function serve(isInFront: boolean, use: Use, handler: (ctx: Context) => void): Promise<ServerClient> {
  const app = new Koa()
  app.silent = true
  const [own, cached] = [use(app), stampede({ ttl: 60_000 })]
  for (const each of isInFront ? [own, cached] : [cached, own]) app.use(each)
  app.use(handler)
  return served(app)
}

interface Visits {
  visits?: number
}

const visits = (ctx: Context): Visits => ctx['session'] as Visits
const sessions: Use = app => session({ signed: false, key: 'sid' }, app)

describe.each([
  ['in front of Stampede', true],
  ['behind Stampede', false],
])('%s', (_place, isInFront) => {
  it('koa-session: what a session is written in is one visitor’s, and each goes on with its own', async () => {
    const client = await serve(isInFront, sessions, ctx => {
      const own = visits(ctx)
      own.visits = (own.visits ?? 0) + 1
      ctx.body = `visit ${own.visits}`
    })
    const visitors = await Promise.all([1, 2, 3].map(() => client.fetch('/')))
    const cookies = visitors.map(({ headers }) =>
      headers['set-cookie']?.map(line => line.replace(/;.*/, '')).join('; '),
    )
    expect(cookies).not.toContain(undefined)
    for (const cookie of cookies) expect((await client.fetch('/', { headers: { cookie } })).body).toBe('visit 2')
    expect((await client.fetch('/')).body).toBe('visit 1')
  })

  it('koa-session: a session that is renewed with each answer is never shared', async () => {
    const rolling: Use = app => session({ signed: false, key: 'sid', rolling: true }, app)
    let runs = 0
    const client = await serve(isInFront, rolling, ctx => {
      visits(ctx).visits = runs += 1
      ctx.body = `run ${runs}`
    })
    const bodies = [...(await Promise.all([1, 2, 3].map(() => client.fetch('/')))), await client.fetch('/')]
    expect(new Set(bodies.map(({ body }) => body)).size).toBe(4)
  })

  it('@koa/cors answers a preflight, and each origin for itself on hits', async () => {
    const client = await serve(
      isInFront,
      () => cors({ credentials: true }),
      ctx => {
        ctx.body = 'page'
      },
    )
    const origins = ['https://a.example', 'https://b.example', 'https://a.example']
    const allowed: unknown[] = []
    for (const origin of origins)
      allowed.push((await client.fetch('/', { headers: { origin } })).headers['access-control-allow-origin'])
    expect(allowed).toEqual(origins)
    const headers = { origin: 'https://b.example', 'access-control-request-method': 'GET' }
    expect(await client.fetch('/', { method: 'OPTIONS', headers })).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': 'https://b.example' },
    })
  })

  it('authentication refuses every unauthorized request, and does so on hits if it is in front', async () => {
    const client = await serve(
      isInFront,
      () => async (ctx, next) => {
        ctx.vary('X-Pass')
        if (ctx.get('x-pass') !== 'known') ctx.throw(401)
        await next()
      },
      ctx => {
        ctx.body = 'secret'
      },
    )
    const known = { headers: { 'x-pass': 'known' } }
    expect(await client.fetch('/', known)).toMatchObject({ body: 'secret' })
    expect((await client.fetch('/', known)).headers['cache-status']).toContain('; hit')
    for (const headers of [{}, { 'x-pass': 'other' }])
      expect(await client.fetch('/', { headers })).toMatchObject({ status: 401, body: 'Unauthorized' })
  })
})
