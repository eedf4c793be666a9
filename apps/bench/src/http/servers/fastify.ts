import { stampedePlugin } from '@stampede/fastify'
import fastify from 'fastify'
import { FIELDS, type Start, TTL } from '../served.ts'
import { listening } from './listening.ts'
import { sharing } from './sharing.ts'

export const startFastify: Start = async ({ front, redis }, { body, pause }) => {
  const app = fastify()
  if (front === 'stampede' || front === 'beside') await app.register(stampedePlugin, { ttl: TTL, ...sharing(redis) })
  if (front === 'idle' || front === 'beside')
    app.addHook('onSend', (_request, _reply, payload, done) => done(null, payload))
  if (front === 'fields') {
    app.get('/*', (_, reply) => {
      for (const [name, value] of Object.entries(FIELDS)) reply.header(name, value)
      reply.send(body)
    })
  } else if (pause === undefined) app.get('/*', (_, reply) => void reply.send(body))
  else {
    app.get('/*', async () => {
      await pause()
      return body
    })
  }
  await app.ready()
  return listening(app.server)
}
