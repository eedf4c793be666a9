import { clientOf, type ServerClient, Tally } from '@stampede/conformance'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { onTestFinished } from 'vitest'
import { stampedePlugin, type StampedePluginOptions } from '../src/index.ts'

export const TTL: number = 60_000

export interface App {
  readonly app: FastifyInstance
  readonly client: ServerClient
  readonly events: Tally
}

/** A listening app with Stampede and the routes that `build` adds. */
export async function listening(
  build: (app: FastifyInstance) => unknown,
  options: StampedePluginOptions = { ttl: TTL },
  server: FastifyServerOptions = {},
): Promise<App> {
  const app = fastify(server)
  const events = new Tally()
  await app.register(stampedePlugin, { ...options, onEvent: event => events.add(event.type) })
  await build(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = clientOf(app.server)
  onTestFinished(async () => {
    await client.close()
    await app.close()
  })
  return { app, client, events }
}
