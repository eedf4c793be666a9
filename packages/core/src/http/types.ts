/**
 * The key / fetch / replay contract between the core and an adapter.
 *
 * An adapter turns its framework's request into a {@link RequestView}, asks `open(view)` for a {@link Turn}, and then
 * replays a response, runs the handler and settles a {@link Lease}, or goes on as if Stampede were not there.
 */

/** A request as the key and the rules need it. Made anew for each request; read lazily. */
export interface RequestView {
  /** As sent, in upper case. */
  readonly method: string
  /** `http` or `https`, of the connection itself; what a proxy says of it is a header. */
  readonly scheme: string
  /** The Host field (or `:authority`) as sent; '' if there was none. */
  readonly host: string
  /** The original request target, path and query as sent, whatever a mount or router made of it. */
  readonly target: string
  /** The value of a header by its lower-case name, repeated lines joined by ', '. */
  header(name: string): string | undefined
  /** Whether the client showed a TLS certificate: a credential that no header shows. */
  hasClientCertificate(): boolean
  /** Whether the client has gone. */
  isGone(): boolean
}

/** Response headers by lower-case name; each name with its lines in order. */
export type HeaderLines = ReadonlyMap<string, readonly string[]>

/** A body that is still to be read. */
export interface BodyStream {
  readonly chunks: AsyncIterable<Uint8Array | string>
  /** Ends the stream early, also while a chunk is awaited; whoever makes it is told so. */
  cancel(): void
}

/** The leader's own reader of a body that others are to have too. */
export type TappedBody = AsyncIterable<Uint8Array>

/** A whole body, as bytes or text; one that is still to be read; one that a lease has tapped; or none. */
export type Body = Uint8Array | string | BodyStream | TappedBody | null

/** What the handler answered, before the framework's later hooks had their say. */
export interface OriginResponse {
  readonly status: number
  readonly headers: HeaderLines
  /** The headers that stood on the reply before the handler ran. */
  readonly before: HeaderLines
  readonly body: Body
}

/** A header to put on a reply. */
export interface ReplayedHeader {
  readonly name: string
  /** One line, or several. None: what stands on the reply is removed. */
  readonly value: string | readonly string[]
  /** Added to the lines that are there, rather than put in their place. */
  readonly append: boolean
}

/** A response to replay: the status, the headers to apply to this request's own reply, and the body. */
export interface ReplayedResponse {
  readonly status: number
  readonly headers: readonly ReplayedHeader[]
  /** Bytes of its own, or text where the handler answered with text: the framework's hooks see the same kind. */
  readonly body: Uint8Array | string | null
  readonly byteLength: number
}

/** What became of a request, for the `Cache-Status` field (RFC 9211) and for events. */
export interface Outcome {
  readonly kind: 'hit' | 'collapsed' | 'miss' | 'bypass'
  /** Why a request went forward, in the words of RFC 9211 s2.2 */
  readonly forward?: 'bypass' | 'method' | 'uri-miss' | 'miss' | 'stale'
  /** The reason, in a word of Stampede's own. */
  readonly detail?: string
  /** `Cache-Status`, and `X-Cache` where it is asked for: to put on the reply, whatever the kind. */
  readonly headers: readonly ReplayedHeader[]
}

/** What a request is to do. */
export type Turn =
  | { readonly kind: 'replay'; readonly response: ReplayedResponse; readonly outcome: Outcome }
  | { readonly kind: 'lead'; readonly lease: Lease; readonly outcome: Outcome }
  | {
      readonly kind: 'bypass'
      readonly outcome: Outcome
      /** There where the answer may invalidate something: to call with its final head, before the client can see it. */
      readonly answered?: Answered | undefined
    }

/** Told of the final head of an answer. */
export type Answered = (headers: HeaderLines, status: number) => void

/**
 * The exclusive right to fill a key, and the duty to settle it: by `fulfill`, `fail`, `decline` or `abandon`. Only the
 * first counts. A lease that nobody settles is taken off its key after `deadline`.
 */
export interface Lease {
  /**
   * A reader of the stream for the leader, so that others can have the body too. Only needed where the framework gets
   * hold of the stream before the response is whole; give what it returns to `snapshot` as the body.
   */
  tap(source: BodyStream): TappedBody
  /**
   * Takes what the handler left. Returns the stream that the leader is to send in place of the handler's, or
   * `undefined`: send what the handler left. Where the response may not be shared, the lease is settled by this.
   */
  snapshot(origin: OriginResponse): TappedBody | undefined
  /**
   * The head is final: later hooks have had their say, and their `Set-Cookie` or `Cache-Control: private` counts.
   * Followers get the response as soon as its body is whole.
   *
   * @param headers all headers of the final head; default: those of the snapshot
   */
  fulfill(headers?: HeaderLines): void
  /**
   * The handler failed. All followers get this very error, unless the answer that the framework makes of it speaks to
   * one client only, or the leader's client has gone, which may be why it failed.
   *
   * @param head what the framework answers the error with; default: status 500 without headers
   */
  fail(error: unknown, head?: ErrorHead): void
  /** Nothing here can be shared: each follower runs its own handler at once, in parallel. */
  decline(reason: string): void
  /** The leader gives up: the oldest follower gets the next lease. */
  abandon(): void
}

/** The head of the answer that a framework makes of an error. */
export interface ErrorHead {
  readonly status: number
  readonly headers: HeaderLines
}

/** Answers one request: what `run` gives back where nothing is to be replayed from the outside. */
export type Answer =
  | { readonly kind: 'replayed'; readonly response: ReplayedResponse; readonly outcome: Outcome }
  | { readonly kind: 'forwarded'; readonly origin: OriginResponse; readonly outcome: Outcome }
