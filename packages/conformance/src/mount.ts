import type { HttpControls, HttpOptions, ResponseHandle } from '@stampede/core/http'
import type { ServerClient } from './client.ts'

/** What a case's handler sees of a request. */
export interface OriginRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** Path and query as the framework has chosen the handler by. */
  readonly routed: string
  /** What the framework makes of scheme, host and target. */
  readonly url: string
  header(name: string): string | undefined
  /** The body as the handler reads it; where the framework has parsed it as JSON, JSON of it. */
  body(): Promise<Buffer>
  /** What the handler may say of its own answer, as the framework hands it over. */
  readonly handle: ResponseHandle
}

/** A body that arrives in pieces. The mount makes its framework's kind of stream of it. */
export class StreamedBody {
  readonly chunks: AsyncIterable<string>

  constructor(chunks: AsyncIterable<string>) {
    this.chunks = chunks
  }
}

/** What a case's handler answers; the mount says it in its framework's own way. */
export interface OriginAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON by the framework; without a body the handler answers with none. */
  readonly body?: string | Buffer | object | StreamedBody
}

/** An answer that a handler throws. The mount throws it in its framework's own way, with status and headers. */
export class ThrownAnswer extends Error {
  readonly status: number
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly expose = true

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.statusCode = status
    this.headers = { ...headers }
  }
}

/** A case's handler: what it throws, the framework's handler throws. */
export type OriginHandler = (request: OriginRequest) => OriginAnswer | Promise<OriginAnswer>

/** What middleware in front does to every request: headers that it sets on the reply, and where it sends the request. */
export interface InFront {
  /** The target to choose the handler by, in the framework's own way; the same for a request that is left as it is. */
  readonly rewrite?: (request: Pick<OriginRequest, 'target' | 'header'>) => string
  /** Set before the handler runs. */
  before?(request: OriginRequest): Readonly<Record<string, string>>
  /** Set after the handler has run, on hits too. */
  after?(request: OriginRequest): Readonly<Record<string, string>>
}

/** A real server of one framework, listening, with Stampede in front of the handler at every path. */
export interface Mounted extends ServerClient, HttpControls {
  /** Closes Stampede alone; the server serves on. */
  readonly leave: () => Promise<void>
}

/** Mounts a handler behind Stampede in one framework. */
export type Mount = (options: HttpOptions, handler: OriginHandler, inFront?: InFront) => Promise<Mounted>
