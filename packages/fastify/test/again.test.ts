import { clientOf } from '@stampede/conformance'
import { HttpStampede } from '@stampede/core/http'
import fastify from 'fastify'
import { expect, it } from 'vitest'
import { stampedePlugin } from '../src/index.ts'

it('a request that comes to one instance again, in another app, does not wait for itself', async () => {
  const instance = new HttpStampede({ ttl: 60_000 })
  const [app, within] = [fastify(), fastify()]
  for (const one of [app, within]) await one.register(stampedePlugin, { instance })
  within.get('/', async () => 'page')
  await within.ready()
  app.get('/', (request, reply) => {
    reply.hijack()
    within.routing(request.raw, reply.raw)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = clientOf(app.server)
  const reply = await client.fetch('/')
  expect([reply.status, reply.body]).toEqual([200, 'page'])
  expect(instance.stats()).toMatchObject({ misses: 1, collapsed: 0, flights: 0 })
  await client.close()
  for (const one of [app, within]) await one.close()
})
