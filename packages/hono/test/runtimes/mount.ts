import { clientAt, type ListeningServer, type Mount, Tally } from '@stampede/conformance'
import { appOf } from '../mount.ts'

type Handle = (request: Request, env: object) => Response | Promise<Response>

interface BunServer {
  readonly port: number
  stop(closeConnections: boolean): Promise<void>
}

interface DenoServer {
  readonly addr: { readonly port: number }
  readonly finished: Promise<void>
}

/** What of the runtimes is used; on Node there is neither. */
interface Runtime {
  readonly Bun?: {
    serve(options: { port: number; hostname: string; idleTimeout: number; fetch: Handle }): BunServer
  }
  readonly Deno?: {
    serve(
      options: { port: number; hostname: string; signal: AbortSignal; onListen: () => void },
      handle: Handle,
    ): DenoServer
  }
}

const HOSTNAME = '127.0.0.1'

/** The conformance mount of Hono on the runtime's own server. */
export const mount: Mount = async (options, handler, inFront) => {
  const { app, controls } = appOf(options, handler, inFront)
  const connections = new Tally()
  const server = serve((request, env) => {
    // They show no connections: a request whose client left before it had all is what cases wait for.
    request.signal.addEventListener('abort', () => connections.add('closed'))
    return app.fetch(request, env)
  })
  return { ...clientAt({ ...server, connections }), ...controls, leave: controls.close }
}

function serve(handle: Handle): Omit<ListeningServer, 'connections'> {
  const { Bun, Deno } = globalThis as Runtime
  if (Bun !== undefined) {
    const server = Bun.serve({ port: 0, hostname: HOSTNAME, idleTimeout: 0, fetch: handle })
    return { port: server.port, close: () => server.stop(true) }
  }
  if (Deno === undefined) throw new Error('neither Bun nor Deno')
  const abort = new AbortController()
  const server = Deno.serve({ port: 0, hostname: HOSTNAME, signal: abort.signal, onListen: () => {} }, handle)
  const close = (): Promise<void> => {
    abort.abort()
    return server.finished
  }
  return { port: server.addr.port, close }
}
