import { createServer } from 'node:http'
import { type Fetched, clientOf, listening } from '@stampede/conformance'
import { ResponseHandle } from '@stampede/core/http'
import Koa, { type Context, type Middleware } from 'koa'
import { expect, it } from 'vitest'
import { HttpStampede, stampede } from '../src/index.ts'

const ttl = 60_000

/** What an app of these middlewares answers to requests, one after the other. */
async function answers(
  middlewares: readonly Middleware[],
  requests: readonly (readonly [method: string, target: string])[],
): Promise<Fetched[]> {
  const app = new Koa()
  app.silent = true
  for (const middleware of middlewares) app.use(middleware)
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listening(server)
  const client = clientOf(server)
  const replies: Fetched[] = []
  for (const [method, target] of requests) replies.push(await client.fetch(target, { method }))
  await client.close()
  return replies
}

const READ_WRITE_READ = [
  ['GET', '/a'],
  ['POST', '/a'],
] as const

const page = (ctx: Context): void => {
  ctx.body = 'x'
}

it.each<[string, (ctx: Context) => void, number]>([
  [
    'by itself, past Koa',
    ctx => {
      ctx.respond = false
      ctx.res.writeHead(200).end('raw')
    },
    0,
  ],
  [
    'by an error that is none',
    () => {
      throw Object.assign(new Error('elsewhere'), { status: 303, headers: { location: '/b' } })
    },
    0,
  ],
  ['with a failure', ctx => ctx.throw(409, 'no'), 1],
])('an unsafe request that is answered %s counts by its final head', async (_name, write, left) => {
  const cached = stampede({ ttl })
  await answers([cached, ctx => (ctx.method === 'POST' ? write(ctx) : page(ctx))], READ_WRITE_READ)
  expect(cached.stats().entries).toBe(left)
})

it('an unsafe request that middleware in front turns into a failure changes nothing', async () => {
  const cached = stampede({ ttl })
  const refusing: Middleware = async (ctx, next) => {
    await next()
    if (ctx.method === 'POST') ctx.status = 503
  }
  await answers([refusing, cached, page], READ_WRITE_READ)
  expect(cached.stats().entries).toBe(1)
})

it('ctx.stampede is one for all instances that a request goes through, and typed', async () => {
  const [outer, inner] = [stampede({ ttl }), stampede({ ttl })]
  const seen: unknown[] = []
  const handler = (ctx: Context): void => {
    const handle: ResponseHandle = ctx.stampede
    seen.push(handle)
    ctx.stampede.noStore = true
    // @ts-expect-error a lifetime is a number
    expect(() => (ctx.stampede.ttl = 'long')).toThrow('"ttl" got "long"')
    ctx.body = 'x'
  }
  await answers([outer, inner, handler], [['GET', '/a']])
  expect(seen[0]).toBeInstanceOf(ResponseHandle)
  expect([outer.stats().entries, inner.stats().entries]).toEqual([0, 0])
})

it('an instance that stands twice on the way of a request is passed by the second time', async () => {
  const instance = new HttpStampede({ ttl })
  const [reply, again] = await answers(
    [stampede({ instance }), stampede({ instance, tags: ['t'] }), page],
    [
      ['GET', '/a'],
      ['GET', '/a'],
    ],
  )
  expect([reply?.headers['cache-status'], again?.headers['cache-status']]).toEqual([
    'stampede; fwd=uri-miss',
    expect.stringMatching(/^stampede; hit/),
  ])
})
