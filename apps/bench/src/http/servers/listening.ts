import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Makes a server listen on a port that is free, and resolves with it. It closes no connection that is idle between two rounds. */
export async function listening(server: Server): Promise<number> {
  server.keepAliveTimeout = 0
  // Nor one that waits long for its first.
  server.headersTimeout = 0
  server.requestTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
