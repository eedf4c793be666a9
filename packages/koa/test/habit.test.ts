import { type ServerClient } from '@stampede/conformance'
import { HttpStampede } from '@stampede/core/http'
import Koa, { type Context, type Middleware } from 'koa'
import { describe, expect, it } from 'vitest'
import { stampede } from '../src/index.ts'
import { served } from './served.ts'

const ttl = 60_000

async function serve(...middleware: Middleware[]): Promise<ServerClient> {
  const app = new Koa()
  app.silent = true
  for (const each of middleware) app.use(each)
  return served(app)
}

/** A handler that says how often it ran. */
function counting(): (ctx: Context) => void {
  let runs = 0
  return ctx => {
    ctx.body = `run ${(runs += 1)}`
  }
}

it('a reply that stands behind another one may write its head, as it may without Stampede', async () => {
  const client = await serve(stampede({ ttl }), ctx => {
    const behind = Object.create(ctx.res) as typeof ctx.res
    behind.writeHead(200)
    ctx.body = 'x'
  })
  expect(await client.fetch('/')).toMatchObject({ status: 200, body: 'x' })
})

describe('two instances', () => {
  it('of one store that key on other headers share no answer', async () => {
    const instance = new HttpStampede({ ttl })
    const byTenant = stampede({ instance, vary: ['x-tenant'] })
    const byUser = stampede({ instance, vary: ['x-user'] })
    const client = await serve(
      async (ctx, next) => {
        await (ctx.get('x-tenant') === '' ? byUser : byTenant)(ctx, next)
      },
      ctx => {
        ctx.body = `tenant ${ctx.get('x-tenant')}, user ${ctx.get('x-user')}`
      },
    )
    const ask = async (headers: Record<string, string>): Promise<string> => (await client.fetch('/', { headers })).body
    expect(await ask({ 'x-tenant': '7' })).toBe('tenant 7, user ')
    expect(await ask({ 'x-user': '7' })).toBe('tenant , user 7')
  })

  it('one behind the other: each stores by its own options, and says so', async () => {
    const [outer, inner] = [
      stampede({ ttl, match: ['/both'], cacheStatus: 'outer' }),
      stampede({ ttl, cacheStatus: 'inner' }),
    ]
    const client = await serve(outer, inner, counting())
    const first = await client.fetch('/both')
    expect(first.headers['cache-status']).toContain('outer; fwd=uri-miss')
    expect((await client.fetch('/both')).headers['cache-status']).toContain('outer; hit')
    expect([outer.stats().hits, inner.stats().hits]).toEqual([1, 0])
    void outer.clear()
    expect((await client.fetch('/both')).body).toBe('run 1')
    expect(inner.stats().hits).toBe(1)
    expect([(await client.fetch('/inner')).body, (await client.fetch('/inner')).body]).toEqual(['run 2', 'run 2'])
  })

  it('in two branches of an app know nothing of each other', async () => {
    const [a, b] = [stampede({ ttl }), stampede()]
    const run = counting()
    const client = await serve(async (ctx, next) => {
      await (ctx.path === '/a' ? a : b)(ctx, next)
    }, run)
    const bodies: string[] = []
    for (const target of ['/a', '/a', '/b', '/b']) bodies.push((await client.fetch(target)).body)
    expect(bodies).toEqual(['run 1', 'run 1', 'run 2', 'run 3'])
  })
})

describe('middleware', () => {
  it('in front sees of a hit what it sees of a run: status, body, type and length', async () => {
    const seen: unknown[] = []
    const client = await serve(
      async (ctx, next) => {
        await next()
        seen.push([ctx.status, ctx.body, ctx.type, ctx.length])
      },
      stampede({ ttl }),
      ctx => {
        ctx.body = 'page'
      },
    )
    for (let request = 0; request < 2; request += 1) await client.fetch('/')
    const expected = [200, 'page', 'text/plain', 4]
    expect(seen).toEqual([expected, expected])
  })

  it('keeps an error that the app throws on purpose, with what it exposes', async () => {
    const client = await serve(stampede({ errorTtl: ttl }), ctx => ctx.throw(418, 'short and stout'))
    for (let request = 0; request < 2; request += 1)
      expect(await client.fetch('/')).toMatchObject({ status: 418, body: 'short and stout' })
  })
})
