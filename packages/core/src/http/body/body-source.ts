import type { BodyStream } from '../contract/contract.ts'

/** A body's stream as bytes. */
export class BodySource {
  readonly #chunks: AsyncIterator<Uint8Array | string>
  readonly #stream: BodyStream
  readonly #encoder = new TextEncoder()

  constructor(stream: BodyStream) {
    this.#stream = stream
    this.#chunks = stream.chunks[Symbol.asyncIterator]()
  }

  /** What comes next; `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const step = await this.#chunks.next()
    if (step.done === true) return undefined
    const chunk: unknown = step.value
    if (typeof chunk === 'string') return this.#encoder.encode(chunk)
    // Sources are typed by hand: bytes that are numbers of another width would be stored as something else.
    if (!(chunk instanceof Uint8Array)) throw new TypeError('stampede: a chunk of a body is a string or a Uint8Array')
    return chunk
  }

  cancel(): void {
    try {
      this.#stream.cancel()
    } catch {
      // The stream's own trouble, and nobody is left to be told.
    }
  }
}
