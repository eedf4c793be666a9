import type { IncomingMessage } from 'node:http'
import { hasTrailers } from '@stampede/core/http'

/** All of a request's body for the key, if it is not too long; and once more for the handler. */
export class Upload implements AsyncIterable<Uint8Array> {
  readonly #request: IncomingMessage
  readonly #taken: Uint8Array[] = []
  #rest: AsyncIterator<Uint8Array> | undefined

  constructor(request: IncomingMessage) {
    this.#request = request
  }

  async take(maxBytes: number): Promise<Uint8Array | null> {
    let size = 0
    try {
      for (let step = await this.#next(); step.done !== true; step = await this.#next()) {
        this.#taken.push(step.value)
        size += step.value.byteLength
        if (size > maxBytes) return null
      }
      return hasTrailers(this.#request) ? null : Buffer.concat(this.#taken)
    } catch {
      return null
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield* this.#taken
    for (let step = await this.#next(); step.done !== true; step = await this.#next()) yield step.value
    if (!this.#request.complete) throw new Error('the upload broke off')
  }

  /** Node discards an unread body, so that the next request of the connection can arrive, unless reading has begun. */
  async drain(): Promise<void> {
    while (this.#rest !== undefined && !this.#request.readableEnded) await this.#next()
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    this.#rest ??= this.#request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>
    return this.#rest.next()
  }
}
