import { createServer, request, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { HttpStampede, stampedePlugin } from '@stampede/fastify'
import { stampede as honoStampede } from '@stampede/hono'
import { stampede as koaStampede } from '@stampede/koa'
import { createAdaptorServer } from '@hono/node-server'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterEach, expect, it } from 'vitest'
import { listen, type Listening } from '../src/listen.ts'

const open: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** The reply: its server, and its Cache-Status. */
type Reply = readonly [body: string, cacheStatus: string]

/** A server of each framework, all of which use one instance and answer with their own name. */
async function servers(instance: HttpStampede): Promise<readonly Listening[]> {
  const app = fastify()
  await app.register(stampedePlugin, { instance, tags: ['fastify'] })
  app.all('/*', async () => 'fastify')
  await app.ready()
  const hono = new Hono()
  hono.use(honoStampede({ instance, tags: ['hono'] }))
  hono.all('*', c => c.text('hono'))
  const koa = new Koa()
  koa.use(koaStampede({ instance, tags: ['koa'] }))
  koa.use(ctx => {
    ctx.body = 'koa'
  })
  const handle = koa.callback()
  const listening = [
    await listen(app.server, 0),
    await listen(createAdaptorServer({ fetch: hono.fetch }) as Server, 0),
    await listen(
      createServer((incoming, outgoing) => void handle(incoming, outgoing)),
      0,
    ),
  ]
  open.push(...listening.map(server => () => server.close()), () => app.close())
  return listening
}

/** All of them stand for one host. */
function ask({ url }: Listening, path: string, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'shared.example' }
    const sent = request(`${url}${path}`, { method, headers, agent: false }, response => {
      resolve(text(response).then(body => [body, String(response.headers['cache-status'])] as const))
    })
    sent.on('error', reject).end()
  })
}

it('what one framework stored is replayed by the others, by the same key', async () => {
  const all = await servers(new HttpStampede({ ttl: 60_000 }))
  for (const [at, leader] of all.entries()) {
    const [body] = await ask(leader, `/${at}?q=1`)
    expect(body).toBe(['fastify', 'hono', 'koa'][at])
    for (const server of all)
      expect(await ask(server, `/${at}?q=1`)).toEqual([body, expect.stringMatching(/^stampede; hit/)])
  }
})

it('one invalidation reaches all, from whichever adapter', async () => {
  const instance = new HttpStampede({ ttl: 60_000 })
  const all = await servers(instance)
  const fill = async (): Promise<void> => {
    for (const [at, server] of all.entries()) await ask(server, `/${at}`)
    expect(instance.stats().entries).toBe(3)
  }
  await fill()
  for (const [at, server] of all.toReversed().entries()) await ask(server, `/${at}`, 'POST')
  expect(instance.stats().entries).toBe(0)
  await fill()
  void instance.invalidateTags('koa', 'hono')
  void instance.invalidate('/0')
  expect(instance.stats().entries).toBe(0)
  await fill()
  void instance.clear()
  expect(instance.stats()).toMatchObject({ entries: 0, bytes: 0, bypasses: 3 })
})
