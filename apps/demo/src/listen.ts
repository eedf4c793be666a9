import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const HOST = '127.0.0.1'
/** A burst opens all its connections in the same moment. */
const BACKLOG = 2_048
const KEEP_ALIVE = 60_000

/** A server that listens. */
export interface Listening {
  readonly url: string
  close(): Promise<void>
}

/** Resolves when the server listens; port 0 is any free one. Rejects with a sentence where the port cannot be had. */
export function listen(server: Server, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    // On a busy machine a client may come back to its connection late.
    server.keepAliveTimeout = KEEP_ALIVE
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(explain(error, port))))
    server.listen({ host: HOST, port, backlog: BACKLOG }, () => {
      const { port: actual } = server.address() as AddressInfo
      resolve({ url: `http://${HOST}:${actual}`, close: () => close(server) })
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function explain(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} is in use. Stop what uses it, or choose others with --port N.`
  if (error.code === 'EACCES') return `Port ${port} may not be used by this user. Choose others with --port N.`
  return `Cannot listen on port ${port}: ${error.message}`
}
