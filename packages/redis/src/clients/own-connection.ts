import type { Emitting } from './listeners.ts'

interface Connecting extends Emitting {
  readonly isOpen: boolean
  connect(): Promise<unknown>
  destroy(): void
}

/**
 * A connection of node-redis that the store opens and closes. A client cannot be closed while its socket is being
 * made: it then has no socket, reports that it is closed, and still takes the new socket, which versions of 5 never
 * release again.
 */
export class OwnConnection<Client extends Connecting> {
  readonly #client: Client
  #isMakingSocket = false
  #isEnded = false

  constructor(client: Client) {
    this.#client = client
    client.on('reconnecting', () => {
      this.#isMakingSocket = true
    })
    // It has its socket, or will be without one for a while.
    for (const event of ['connect', 'error']) client.on(event, () => this.#madeSocket())
  }

  async open(): Promise<Client> {
    if (this.#client.isOpen) return this.#client
    this.#isMakingSocket = true
    try {
      await this.#client.connect()
    } finally {
      this.#madeSocket()
    }
    return this.#client
  }

  end(): void {
    this.#isEnded = true
    if (!this.#isMakingSocket) this.#destroy()
  }

  #madeSocket(): void {
    this.#isMakingSocket = false
    if (this.#isEnded) this.#destroy()
  }

  #destroy(): void {
    try {
      this.#client.destroy()
    } catch {
      // Version 5 throws if there is no connection to close.
    }
  }
}
