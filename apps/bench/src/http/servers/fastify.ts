import { stampedePlugin } from '@stampede/fastify'
import fastify from 'fastify'
import { type Start, TTL } from '../served.ts'
import { listening } from './listening.ts'
import { sharing } from './sharing.ts'

export const startFastify: Start = async ({ front, redis }, { body, pause }) => {
  const app = fastify()
  if (front === 'stampede') await app.register(stampedePlugin, { ttl: TTL, ...sharing(redis) })
  if (front === 'idle') app.addHook('onSend', (_request, _reply, payload, done) => done(null, payload))
  if (pause === undefined) app.get('/*', (_, reply) => void reply.send(body))
  else {
    app.get('/*', async () => {
      await pause()
      return body
    })
  }
  await app.ready()
  return listening(app.server)
}
