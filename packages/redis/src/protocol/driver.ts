/**
 * What the store asks of a client. Bring your own for a client that is not known here, or for a driver over HTTP.
 */
export interface RedisDriver {
  /** Whether a command that is sent now would reach the server, as far as can be told. */
  ready(): boolean
  /**
   * Sends one command and resolves with its reply: bulk strings as Buffers, or Uint8Arrays. Rejects with the server's error,
   * whose message begins with its code.
   *
   * @param key a key of the command's, by which a cluster finds the node
   */
  call(args: readonly (string | Uint8Array)[], key?: string): Promise<unknown>
  /** Whether all keys are on one node, so that one command may name several. Default: no. */
  readonly isOneNode?: boolean
  /** Listens on these channels until `close`. Without it the store asks again and again. */
  subscribe?(channels: readonly string[], on: (channel: string, message: Uint8Array) => void): Promise<void>
  /** Whether messages arrive now, as far as can be told. */
  subReady?(): boolean
  /** Calls `listener` whenever the client has connected, or connected again. Returns the way to take that back. */
  onReady?(listener: () => void): (() => void) | void
  /** Ends what the driver opened itself: its subscriber. Never the client that it was given. */
  close?(): Promise<void>
}
