import { Notifier } from '../../base/notifier.ts'
import type { BodyBlock } from './body-block.ts'
import type { TappedBody } from '../contract/contract.ts'

/** What ended a source: an error of its own, or nothing at all. */
export type SourceEnd = { readonly error: unknown } | 'whole'

/** What a reader asks of, and tells, the body that it reads. */
export interface ReadBody {
  readonly sourceEnd: SourceEnd | undefined
  /** A reader has all that came so far, and waits for more. */
  want(reader: BodyReader): void
  /** A reader reads no more. */
  left(reader: BodyReader): void
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** One of those who read a body, at a pace of its own. It can be read once. */
export class BodyReader implements TappedBody, AsyncIterator<Uint8Array> {
  readonly #body: ReadBody
  /** Where it reads; none once it reads no more: it then holds no bytes. */
  #block: BodyBlock | undefined
  #offset = 0
  #position = 0
  #failure: { readonly error: unknown } | undefined
  readonly #news = new Notifier()

  constructor(body: ReadBody, first: BodyBlock) {
    this.#body = body
    this.#block = first
  }

  /** Bytes that it has read. */
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

  /** The reader's client has gone, or wants no more of it. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.#leave()
    return Promise.resolve(DONE)
  }

  /** Ends it with an error, whatever it has still to read. */
  cut(error: Error): void {
    if (this.#block === undefined) return
    this.#failure = { error }
    this.#leave()
  }

  /** There is more to read, or an end. */
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
