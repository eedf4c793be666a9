import { connect } from 'node:http2'
import { ResponseHandle } from '@stampede/core/http'
import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import { expect, it } from 'vitest'
import { stampedePlugin } from '../src/index.ts'
import { listening, TTL } from './listening.ts'

/** What a request with this method to /a leaves stored of it. */
async function leaves(method: string, build: (app: FastifyInstance) => unknown, target = '/a'): Promise<number> {
  const { client, app } = await listening(instance => {
    instance.get('/a', async () => 'x')
    build(instance)
  })
  await client.fetch('/a')
  await client.fetch(target, { method })
  return app.stampede.stats().entries
}

it('an unsafe request counts on a route that takes no part, and however it is answered', async () => {
  const builds: ((app: FastifyInstance) => unknown)[] = [
    app => app.post('/a', { config: { stampede: false } }, async () => 'done'),
    app => app.post('/a', { preHandler: async (_request, reply) => reply.send('early') }, async () => 'never'),
    app => app.setNotFoundHandler(async (_request, reply) => reply.code(202).send('queued')),
    app => app.post('/a', async () => new Response('web', { status: 201 })),
    app => {
      app.setErrorHandler(async (_error, _request, reply) => reply.code(303).header('location', '/b').send(''))
      app.post('/a', async () => {
        throw new Error('elsewhere')
      })
    },
  ]
  for (const stampede of [false, undefined])
    builds.push(app =>
      app.post('/a', { config: { stampede } }, async (_request, reply) => {
        reply.hijack()
        reply.raw.writeHead(200).end('raw')
      }),
    )
  for (const build of builds) expect(await leaves('POST', build)).toBe(0)
})

it('an unsafe request that fails before its handler changes nothing', async () => {
  const refused = leaves('POST', app =>
    app.post('/a', { preHandler: async (_request, reply) => reply.code(401).send('no') }, async () => 'never'),
  )
  expect([await refused, await leaves('DELETE', () => {})]).toEqual([1, 1])
})

it('a route has tags of its own, in place of those of the plugin', async () => {
  const { app, client } = await listening(
    instance => {
      instance.get('/a', async () => 'x')
      instance.get('/b', { config: { stampede: { tags: ['b'] } } }, async () => 'x')
    },
    { ttl: TTL, tags: ['all'] },
  )
  await client.fetch('/a')
  await client.fetch('/b')
  void app.stampede.invalidateTags('all')
  expect(app.stampede.stats().entries).toBe(1)
  void app.stampede.invalidateTags('b')
  expect(app.stampede.stats().entries).toBe(0)
  await expect(
    fastify()
      .register(stampedePlugin, { tags: [''] })
      .ready(),
  ).rejects.toThrow('"tags" got')
})

it('Stampede-Cache-Tag is not sent on, whoever sets it and on every path', async () => {
  const { client } = await listening(app => {
    app.get('/a', async (_request, reply) => reply.header('stampede-cache-tag', 'a').send('x'))
    app.get('/off', { config: { stampede: false } }, async (_request, reply) =>
      reply.header('stampede-cache-tag', 'a').send('x'),
    )
    app.get('/web', async () => new Response('x', { headers: { 'stampede-cache-tag': 'a' } }))
    app.addHook('onSend', async (_request, reply) => void reply.header('stampede-cache-tag', 'late'))
    app.get('/late', async () => 'x')
  })
  for (const target of ['/a', '/a', '/late', '/late', '/off', '/web', '/none']) {
    for (const headers of [{}, { cookie: 'a=1' }])
      expect((await client.fetch(target, { headers })).headers).not.toHaveProperty('stampede-cache-tag')
  }
})

it('reply.stampede is the same to hooks, handlers and routes that take no part', async () => {
  const seen: unknown[] = []
  const { app, client } = await listening(instance => {
    instance.addHook('onRequest', async (_request, reply) => {
      reply.stampede.tags = ['hook']
      seen.push(reply.stampede)
    })
    instance.get('/a', async (_request, reply) => {
      seen.push(reply.stampede)
      return 'x'
    })
    instance.get('/off', { config: { stampede: false } }, async (_request, reply) => {
      reply.stampede.ttl = 1_000
      return 'x'
    })
  })
  await client.fetch('/a')
  expect(seen[0]).toBeInstanceOf(ResponseHandle)
  expect(seen[1]).toBe(seen[0])
  expect((await client.fetch('/off')).status).toBe(200)
  expect(app.stampede.stats().entries).toBe(1)
  void app.stampede.invalidateTags('hook')
  expect(app.stampede.stats().entries).toBe(0)
})

it('over HTTP/2 an unsafe request counts once its head is final, and no field of ours is sent', async () => {
  const app = fastify({ http2: true })
  await app.register(stampedePlugin, { ttl: TTL })
  app.get('/a', async (_request, reply) => reply.header('stampede-cache-tag', 'a').send('x'))
  app.get('/b', async () => 'x')
  app.post('/a', async (_request, reply) => reply.code(201).header('location', '/b').send('done'))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const session = connect(app.listeningOrigin)
  const ask = (method: string, path: string): Promise<object> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':method': method, ':path': path })
      stream.once('response', resolve).once('error', reject).resume()
      stream.end()
    })
  expect(await ask('GET', '/a')).not.toHaveProperty('stampede-cache-tag')
  await ask('GET', '/b')
  expect(app.stampede.stats().entries).toBe(2)
  await ask('POST', '/a')
  expect(app.stampede.stats().entries).toBe(0)
  session.close()
  await app.close()
})
