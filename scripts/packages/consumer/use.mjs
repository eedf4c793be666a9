// What a user's program does with the packed packages: the core, then a hit through a real server of each framework.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { serve } from '@hono/node-server'
import { Stampede } from '@stampede/core'
import { HttpStampede } from '@stampede/core/http'
import { stampedePlugin } from '@stampede/fastify'
import { stampede as honoStampede } from '@stampede/hono'
import { stampede as koaStampede } from '@stampede/koa'
import { redisStore } from '@stampede/redis'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'

const TTL = 60_000

const cache = new Stampede({ ttl: TTL })
const values = await Promise.all([cache.get('k', () => 'value'), cache.get('k', () => 'another')])
assert.deepEqual(values, ['value', 'value'])
assert.equal(new HttpStampede().stats().entries, 0)
assert.throws(() => redisStore({ client: {} }), { name: 'OptionError', option: 'client' })

const app = fastify()
await app.register(stampedePlugin, { ttl: TTL })
app.get('/', () => ({ nonce: Math.random() }))
await app.listen({ port: 0, host: '127.0.0.1' })
await givesHit(app.server)
await app.close()

const hono = new Hono()
hono.use(honoStampede({ ttl: TTL }))
hono.get('/', c => c.json({ nonce: Math.random() }))
const honoServer = await new Promise(resolve => {
  const server = serve({ fetch: hono.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server))
})
await givesHit(honoServer)
honoServer.close()

const koa = new Koa()
koa.use(koaStampede({ ttl: TTL }))
koa.use(ctx => {
  ctx.body = { nonce: Math.random() }
})
const koaServer = createServer(koa.callback())
await new Promise(resolve => koaServer.listen(0, '127.0.0.1', resolve))
await givesHit(koaServer)
koaServer.close()

async function givesHit(server) {
  const url = `http://127.0.0.1:${server.address().port}/`
  const get = async () => {
    const response = await fetch(url, { headers: { connection: 'close' } })
    return { status: response.headers.get('cache-status'), body: await response.text() }
  }
  const first = await get()
  const second = await get()
  assert.equal(second.body, first.body)
  assert.match(second.status, /^stampede; hit/)
}
