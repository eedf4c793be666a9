import type { Http2Server } from 'node:http2'
import type { HttpOptions, HttpStats } from '@stampede/core/http'
import type { Gate, Tally } from './gate.ts'
import type { Http2Client } from './http2-client.ts'
import type { OriginAnswer, OriginHandler, OriginRequest } from './mount.ts'

/** A server of one framework over HTTP/2, not listening yet, with Stampede in front of the handler at every path. */
export interface Http2Mounted {
  readonly server: Http2Server
  readonly stats: () => HttpStats
}

export type Http2Mount = (options: HttpOptions, handler: OriginHandler) => Promise<Http2Mounted>

export interface Http2Scene {
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
