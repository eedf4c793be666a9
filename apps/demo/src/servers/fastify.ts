import { stampedePlugin } from '@stampede/fastify'
import fastify, { type FastifyRequest } from 'fastify'
import { listen } from '../listen.ts'
import type { Start } from './start.ts'

type Asked = FastifyRequest<{ Querystring: { nonce?: string } }>

export const startFastify: Start = async ({ origin, stampede, port }) => {
  const app = fastify()
  await app.register(stampedePlugin, stampede)
  const handler = (request: Asked): Promise<object> => origin.fetch(request.query.nonce ?? '')
  app.get('/report', handler)
  app.get('/bare', { config: { stampede: false } }, handler)
  await app.ready()
  return listen(app.server, port)
}
