import { Notifier } from '../../base/notifier.ts'
import type { BodyBlock } from './body-block.ts'
import type { TappedBody } from '../contract/contract.ts'

/** The end of a source, with its error if it failed. */
export type SourceEnd = { readonly error: unknown } | 'whole'

/** What a reader needs of its body. */
export interface ReadBody {
  readonly sourceEnd: SourceEnd | undefined
  /** A reader has everything so far, and waits for more. */
  want(reader: BodyReader): void
  /** A reader stopped. */
  left(reader: BodyReader): void
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** One reader of a shared body. It reads at its own pace, and only once. */
export class BodyReader implements TappedBody, AsyncIterator<Uint8Array> {
  readonly #body: ReadBody
  /** Where it reads; `undefined` once it has stopped, so that it keeps no bytes alive. */
  #block: BodyBlock | undefined
  #offset = 0
  #position = 0
  #failure: { readonly error: unknown } | undefined
  readonly #news = new Notifier()

  constructor(body: ReadBody, first: BodyBlock) {
    this.#body = body
    this.#block = first
  }

  /** The number of bytes that it has read. */
  get position(): number {
    return this.#position
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const step = this.#step()
      if (step !== undefined) return step
      const more = this.#news.next()
      this.#body.want(this)
      await more
    }
  }

  /** The client of the reader has disconnected, or needs no more. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.#leave()
    return Promise.resolve(DONE)
  }

  /** Ends the reader with an error, whatever it has still to read. */
  cut(error: Error): void {
    if (this.#block === undefined) return
    this.#failure = { error }
    this.#leave()
  }

  /** There are more bytes, or the end. */
  wake(): void {
    this.#news.notify()
  }

  #step(): IteratorResult<Uint8Array> | undefined {
    const value = this.#read()
    if (value !== undefined) return { done: false, value }
    const { sourceEnd } = this.#body
    if (this.#block !== undefined) {
      if (sourceEnd === undefined) return undefined
      if (sourceEnd !== 'whole') this.#failure = sourceEnd
      this.#leave()
    }
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure.error
    return DONE
  }

  #read(): Uint8Array | undefined {
    while (this.#block !== undefined) {
      if (this.#offset < this.#block.length) {
        const bytes = this.#block.from(this.#offset)
        this.#offset += bytes.byteLength
        this.#position += bytes.byteLength
        return bytes
      }
      if (this.#block.next === undefined) return undefined
      this.#block = this.#block.next
      this.#offset = 0
    }
    return undefined
  }

  #leave(): void {
    if (this.#block === undefined) return
    this.#block = undefined
    this.#body.left(this)
    this.wake()
  }
}
