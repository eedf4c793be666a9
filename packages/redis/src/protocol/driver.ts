/** What the store needs of a client. Implement it for an unsupported client, or for a driver over HTTP. */
export interface RedisDriver {
  /** Whether a command would reach the server now, as far as known. */
  ready(): boolean
  /**
   * Sends one command and resolves with its reply: bulk strings as Buffers or Uint8Arrays. Rejects with the server's
   * error, whose message begins with its code.
   *
   * @param key a key of the command, by which a cluster finds the node
   */
  call(args: readonly (string | Uint8Array)[], key?: string): Promise<unknown>
  /** Whether all keys are on one node, so that one command may name several. Default: no. */
  readonly isOneNode?: boolean
  /** Listens on these channels until `close`. Without it, the store polls. */
  subscribe?(channels: readonly string[], on: (channel: string, message: Uint8Array) => void): Promise<void>
  /** Whether messages arrive now, as far as known. */
  subReady?(): boolean
  /** Calls `listener` on each connection and reconnection. Returns a function that cancels this. */
  onReady?(listener: () => void): (() => void) | void
  /** Closes the connections that the driver opened itself. Never the client that it was given. */
  close?(): Promise<void>
}
