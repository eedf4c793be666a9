import { createServer } from 'node:http'
import { clientOf, listening, type ServerClient } from '@stampede/conformance'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { type KoaStampede, stampede } from '../src/index.ts'

const open: ServerClient[] = []

afterEach(async () => {
  for (const client of open.splice(0)) await client.close()
})

/** An app whose handler passes the request on to another app, in front of whose handler the same instance stands. */
async function nested(inner: Koa.Middleware): Promise<{ client: ServerClient; cached: KoaStampede }> {
  const cached = stampede({ ttl: 60_000 })
  const within = new Koa().use(cached).use(inner).callback()
  const app = new Koa().use(cached).use(async ctx => {
    ctx.respond = false
    await within(ctx.req, ctx.res)
  })
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listening(server)
  const client = clientOf(server)
  open.push(client)
  return { client, cached }
}

describe('a request that comes to one instance again, in another context', () => {
  it('does not wait for itself', async () => {
    const { client, cached } = await nested(ctx => {
      ctx.body = 'page'
    })
    const reply = await client.fetch('/')
    expect([reply.status, reply.body]).toEqual([200, 'page'])
    expect(cached.stats()).toMatchObject({ misses: 1, collapsed: 0, flights: 0 })
  })
})
