import { Readable } from 'node:stream'
import compress from '@fastify/compress'
import { clientOf } from '@stampede/conformance'
import fastify, { type FastifyReply } from 'fastify'
import { expect, it, onTestFinished } from 'vitest'
import { stampedePlugin } from '../../src/index.ts'
import { TTL } from '../listening.ts'

const TEXT = 'text '.repeat(1_000)

it.each<[string, (reply: FastifyReply) => void]>([
  ['a text', reply => reply.compress(TEXT)],
  // A stream of a library's own: what Node calls a Readable it is not.
  ['a stream', reply => reply.compress(Readable.from([TEXT], { objectMode: false }))],
])('%s that the handler compresses is stored by encoding, and no encoding is another’s', async (_name, send) => {
  const app = fastify()
  await app.register(compress, { global: false })
  await app.register(stampedePlugin, { ttl: TTL })
  app.get('/', async (_request, reply) => {
    send(reply.type('text/plain'))
    return reply
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = clientOf(app.server)
  onTestFinished(async () => {
    await client.close()
    await app.close()
  })
  const encodings: unknown[] = []
  for (const encoding of ['gzip', 'br', 'identity', 'gzip', 'br', 'identity']) {
    const { headers } = await client.fetch('/', { headers: { 'accept-encoding': encoding } })
    encodings.push(headers['content-encoding'])
  }
  expect(encodings).toEqual(['gzip', 'br', undefined, 'gzip', 'br', undefined])
  expect(app.stampede.stats()).toMatchObject({ misses: 3, hits: 3 })
})
