import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { clientOf, listening, type ServerClient } from '@stampede/conformance'
import type { Hono } from 'hono'
import { onTestFinished } from 'vitest'

/** The client of an app on Hono's server for Node, which is closed when the test ends. */
export async function served(app: Pick<Hono, 'fetch'>): Promise<ServerClient> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await listening(server)
  const client = clientOf(server)
  onTestFinished(client.close)
  return client
}
