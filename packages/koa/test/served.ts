import { createServer } from 'node:http'
import { clientOf, listening, type ServerClient } from '@stampede/conformance'
import type Koa from 'koa'
import { onTestFinished } from 'vitest'

/** The client of an app on a real server, which is closed when the test ends. */
export async function served(app: Koa): Promise<ServerClient> {
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listening(server)
  const client = clientOf(server)
  onTestFinished(client.close)
  return client
}
