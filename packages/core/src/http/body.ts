import type { BodyStream, TappedBody } from './types.ts'

/** How a tapped body ended. */
export type BodyEnd =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  /** More than may be kept; the leader goes on reading. */
  | { readonly kind: 'overflow' }
  /** The stream failed. */
  | { readonly kind: 'broken'; readonly error: unknown }
  /** The leader left and nobody else wanted it. */
  | { readonly kind: 'cancelled' }

/** Who keeps a tapped body. */
export interface Keeper {
  onEnd(end: BodyEnd): void
  /** Whether somebody but the leader still wants the body. */
  isWanted(): boolean
}

/**
 * A body that its leader reads while it is collected for others. Until it is known whether it may be shared, and once
 * it is too large, the leader's own pace draws it; while it is kept it is read as fast as it comes, so that a leader
 * that reads slowly, or leaves, holds nobody up.
 */
export class BodyTap implements TappedBody {
  readonly #source: AsyncIterator<Uint8Array | string>
  readonly #cancelSource: () => void
  readonly #maxBytes: number
  readonly #encoder = new TextEncoder()
  /** All chunks from the first on while collecting; else those that the leader has not read. */
  #chunks: Uint8Array[] = []
  /** The leader's place in `#chunks`. */
  #position = 0
  #size = 0
  #collecting = true
  #leaderLeft = false
  #keeper: Keeper | undefined
  #end: BodyEnd | undefined
  #sourceEnded = false
  #reading: Promise<void> | undefined

  constructor(source: BodyStream, maxBytes: number) {
    this.#source = source.chunks[Symbol.asyncIterator]()
    this.#cancelSource = () => source.cancel()
    this.#maxBytes = maxBytes
    // Read ahead by one chunk: a stream that fails before anybody reads it must find someone listening.
    void this.#advance()
  }

  /** The body may be shared: it is collected to its end, whatever the leader does. */
  keep(keeper: Keeper): void {
    this.#keeper = keeper
    if (this.#end !== undefined) keeper.onEnd(this.#end)
    else void this.#pump()
  }

  /** The body is the leader's alone. */
  drop(): void {
    if (!this.#collecting) return
    this.#stopCollecting()
    if (this.#leaderLeft) this.#cancel()
  }

  /** To be called when others lose interest: a body that nobody reads any more is cancelled. */
  cancelIfUnwanted(): void {
    if (this.#leaderLeft && this.#keeper?.isWanted() !== true) this.#cancel()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.#leave()
        return { done: true, value: undefined }
      },
    }
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const chunk = this.#chunks[this.#position]
      if (chunk !== undefined) {
        this.#pass()
        return { done: false, value: chunk }
      }
      if (this.#end?.kind === 'broken') throw this.#end.error
      if (this.#sourceEnded) return { done: true, value: undefined }
      await this.#advance()
    }
  }

  #pass(): void {
    this.#position += 1
    if (!this.#collecting) this.#forgetRead()
  }

  #leave(): void {
    this.#leaderLeft = true
    if (!this.#collecting) this.#cancel()
    else if (this.#keeper !== undefined) this.cancelIfUnwanted()
  }

  async #pump(): Promise<void> {
    while (this.#collecting && this.#end === undefined) await this.#advance()
  }

  /** Reads one chunk; those who ask meanwhile wait for the same one. Never rejects. */
  #advance(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(): Promise<void> {
    try {
      const step = await this.#source.next()
      if (step.done !== true) this.#take(step.value)
      else this.#finish({ kind: 'whole', bytes: concat(this.#collecting ? this.#chunks : [], this.#size) })
    } catch (error) {
      this.#finish({ kind: 'broken', error })
    }
  }

  #take(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? this.#encoder.encode(chunk) : chunk
    // Sources are typed by hand: bytes that are numbers of another width would be stored as something else.
    if (!(bytes instanceof Uint8Array)) throw new TypeError('stampede: a chunk of a body is a string or a Uint8Array')
    this.#chunks.push(bytes)
    this.#size += bytes.byteLength
    if (!this.#collecting || this.#size <= this.#maxBytes) return
    this.#stopCollecting()
    this.#tell({ kind: 'overflow' })
    if (this.#leaderLeft) this.#cancel()
  }

  #finish(end: BodyEnd): void {
    this.#sourceEnded = true
    this.#tell(end)
  }

  #cancel(): void {
    if (this.#sourceEnded) return
    this.#cancelSource()
    this.#finish({ kind: 'cancelled' })
  }

  /** A body that was not collected to its end has no whole; what ended first is what the keeper is told. */
  #tell(end: BodyEnd): void {
    const overflown = this.#end?.kind === 'overflow'
    if (this.#end !== undefined && !(overflown && end.kind === 'broken')) return
    this.#end = end
    if (!overflown) this.#keeper?.onEnd(end)
  }

  #stopCollecting(): void {
    this.#collecting = false
    this.#forgetRead()
  }

  #forgetRead(): void {
    this.#chunks = this.#chunks.slice(this.#position)
    this.#position = 0
  }
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 0) return new Uint8Array(0)
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

/** A web stream as a body; locked when first read. Cancelling works also while a chunk is awaited. */
export function webBody(stream: ReadableStream<Uint8Array>): BodyStream {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  const open = (): ReadableStreamDefaultReader<Uint8Array> => {
    reader ??= stream.getReader()
    return reader
  }
  return {
    chunks: {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          const { done, value } = await open().read()
          return done ? { done: true, value: undefined } : { done: false, value }
        },
      }),
    },
    cancel: () => {
      // The stream's own failure to cancel is the origin's affair, and nobody is left to be told.
      open()
        .cancel()
        .catch(() => {})
    },
  }
}
