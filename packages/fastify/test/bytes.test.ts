import fastify from 'fastify'
import { expect, it } from 'vitest'
import { stampedePlugin } from '../src/index.ts'

it('a hook cannot change the bytes of a hit for others', async () => {
  const app = fastify()
  await app.register(stampedePlugin, { ttl: 60_000 })
  const seen: string[] = []
  app.addHook('onSend', async (_request, _reply, payload) => {
    seen.push(String(payload))
    if (seen.length > 1) (payload as Buffer).fill('z')
  })
  app.get('/', async () => Buffer.from('bytes'))
  for (const _ of [1, 2, 3]) await app.inject('/')
  expect(seen).toEqual(['bytes', 'bytes', 'bytes'])
  await app.close()
})
