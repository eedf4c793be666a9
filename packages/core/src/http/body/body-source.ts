import type { BodyStream } from '../contract/contract.ts'

/** The stream of a body, as bytes. */
export class BodySource {
  readonly #chunks: AsyncIterator<Uint8Array | string>
  readonly #stream: BodyStream
  readonly #encoder = new TextEncoder()

  constructor(stream: BodyStream) {
    this.#stream = stream
    this.#chunks = stream.chunks[Symbol.asyncIterator]()
  }

  /** The next chunk; `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const step = await this.#chunks.next()
    if (step.done === true) return undefined
    const chunk: unknown = step.value
    if (typeof chunk === 'string') return this.#encoder.encode(chunk)
    // Handlers may send typed arrays of other widths, which would be stored as different bytes.
    if (!(chunk instanceof Uint8Array)) throw new TypeError('stampede: a chunk of a body is a string or a Uint8Array')
    return chunk
  }

  cancel(): void {
    try {
      this.#stream.cancel()
    } catch {
      // The stream failed to cancel, and no reader is left to receive the error.
    }
  }
}
