import { once } from 'node:events'
import type { Http2Server, ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { HttpOptions, HttpStats } from '@stampede/core/http'
import { afterEach, describe } from 'vitest'
import { Gate, Tally } from './gate.ts'
import { http2Cases } from './hostile/http2.ts'
import { Http2Client } from './http2-client.ts'
import type { OriginAnswer, OriginHandler, OriginRequest } from './mount.ts'

/** A server of one framework over HTTP/2, not listening yet, with Stampede in front of the handler at every path. */
export interface Http2Mounted {
  readonly server: Http2Server
  readonly stats: () => HttpStats
}

export type Http2Mount = (options: HttpOptions, handler: OriginHandler) => Promise<Http2Mounted>

interface Http2Scene {
  readonly options?: HttpOptions
  readonly answer?: (request: OriginRequest, run: number) => OriginAnswer
}

/** A listening server with a gated origin, and a count of all that happens. */
export interface Http2Stage {
  readonly stats: () => HttpStats
  readonly events: Tally
  /** The runs of the handler, as `run`. */
  readonly runs: Tally
  /** Streams that the server has seen close, as `closed`. */
  readonly streams: Tally
  readonly gate: Gate
  /** A connection of its own. */
  readonly connect: (options?: ConstructorParameters<typeof Http2Client>[1]) => Http2Client
}

export type SetUpHttp2 = (scene?: Http2Scene) => Promise<Http2Stage>

const named: NonNullable<Http2Scene['answer']> = (_request, run) => ({ body: `run ${run}` })

/** What an adapter withstands of clients that speak HTTP/2. Call it in a test file of the adapter. */
export function http2Suite(mount: Http2Mount): void {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })

  const setUp: SetUpHttp2 = async ({ options = {}, answer = named } = {}) => {
    const [events, runs, streams, gate] = [new Tally(), new Tally(), new Tally(), new Gate()]
    const { server, stats } = await mount({ ...options, onEvent: event => events.add(event.type) }, async request => {
      runs.add('run')
      const run = runs.count('run')
      await gate.passed()
      return answer(request, run)
    })
    const sessions = new Set<ServerHttp2Session>()
    server.on('session', session => sessions.add(session))
    server.on('stream', stream => stream.once('close', () => streams.add('closed')))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const clients: Http2Client[] = []
    closers.push(async () => {
      gate.open()
      for (const client of clients) client.close()
      for (const session of sessions) session.destroy()
      await new Promise(resolve => server.close(resolve))
    })
    const open: Http2Stage['connect'] = with_ => {
      const client = new Http2Client(port, with_)
      clients.push(client)
      return client
    }
    return { stats, events, runs, streams, gate, connect: open }
  }

  describe('HTTP/2:', () => {
    http2Cases(setUp)
  })
}
