import { Notifier } from '../../base/notifier.ts'
import { BodyBlock } from './body-block.ts'
import { BodyReader, type ReadBody, type SourceEnd } from './body-reader.ts'
import { BodySource } from './body-source.ts'
import type { BodyStream, TappedBody } from '../contract/contract.ts'

/** How a body ended. */
export type BodyEnd =
  | { readonly kind: 'whole' }
  /** Larger than may be kept: it continues for its current readers. */
  | { readonly kind: 'overflow' }
  /** Of another length than declared: an error for all but the leader. */
  | { readonly kind: 'length' }
  /** The stream failed. */
  | { readonly kind: 'broken'; readonly error: unknown }
  /** No reader wanted it any more. */
  | { readonly kind: 'cancelled' }

/** The owner of a body that others may get. */
export interface Keeper {
  /** RFC 9112 s6.3: the declared length, if there is one. */
  readonly declaredBytes: number | undefined
  /** Whether the body must be read to its end without readers. */
  isWanted(): boolean
  onProgress(): void
  onEnd(end: BodyEnd): void
}

/** The limit on the bodies of all requests together. */
export interface BodyMemory {
  hasRoom(bytes: number): boolean
  /** Reserves bytes; releases them if negative. */
  reserve(bytes: number): void
}

/**
 * A body that is read once and has many readers, the leader first; each reads at its own pace. As long as the whole
 * body may be kept, every reader gets it from the first byte, and once it is shared it is read as fast as it comes.
 * After that the fastest reader sets the pace, and a reader that falls behind by more than may be kept is cut off.
 */
export class SharedBody implements TappedBody, ReadBody {
  readonly #source: BodySource
  readonly #maxBytes: number
  readonly #memory: BodyMemory
  readonly #readers = new Set<BodyReader>()
  readonly #leader: BodyReader
  /** The first block, as long as the whole body is kept. */
  #first: BodyBlock | undefined = new BodyBlock()
  #last: BodyBlock = this.#first ?? new BodyBlock()
  #size = 0
  #reserved = 0
  /** Readers that have everything so far. */
  readonly #waiting = new Set<BodyReader>()
  /** One chunk is read ahead: a stream that fails before the first read must have a listener. */
  #hasBegun = false
  readonly #demand = new Notifier()
  #keeper: Keeper | undefined
  #end: BodyEnd | undefined
  #sourceEnd: SourceEnd | undefined

  constructor(source: BodyStream, maxBytes: number, memory: BodyMemory) {
    this.#source = new BodySource(source)
    this.#maxBytes = maxBytes
    this.#memory = memory
    this.#leader = this.#open(this.#last)
    void this.#run()
  }

  get end(): BodyEnd | undefined {
    return this.#end
  }

  get sourceEnd(): SourceEnd | undefined {
    return this.#sourceEnd
  }

  /** The reader of the leader. */
  [Symbol.asyncIterator](): BodyReader {
    return this.#leader
  }

  /** Another reader, from the first byte on. None once the body was larger than may be kept. */
  reader(): TappedBody {
    if (this.#first === undefined) throw new Error('stampede: the beginning of this body is held no more')
    return this.#open(this.#first)
  }

  /** The body has not ended, and may be shared. */
  share(keeper: Keeper): void {
    this.#keeper = keeper
    if (isOver(this.#size, keeper.declaredBytes)) this.#mismatch()
    this.#demand.notify()
  }

  /** Only the leader reads the body from now on. */
  drop(): void {
    if (this.#first === undefined) return
    this.#slide('overflow')
    this.cancelIfUnread()
  }

  /** All bytes of a complete body. After that the body keeps only what its readers have still to read. */
  takeWhole(): Uint8Array {
    const bytes = this.#first === undefined ? new Uint8Array() : BodyBlock.whole(this.#first)
    this.#letGo()
    return bytes
  }

  /** To be called when fewer readers may want it than before. */
  cancelIfUnread(): void {
    if (this.#readers.size > 0 || this.#sourceEnd !== undefined || this.#isKept()) return
    this.#source.cancel()
    this.#sourceEnd = 'whole'
    this.#letGo()
    this.#tell({ kind: 'cancelled' })
  }

  want(reader: BodyReader): void {
    this.#waiting.add(reader)
    if (this.#waiting.size === this.#readers.size) this.#count()
    this.#demand.notify()
  }

  left(reader: BodyReader): void {
    this.#readers.delete(reader)
    this.#waiting.delete(reader)
    if (this.#readers.size > 0) return
    this.#count()
    this.cancelIfUnread()
  }

  #open(block: BodyBlock): BodyReader {
    const reader = new BodyReader(this, block)
    this.#readers.add(reader)
    return reader
  }

  /** Whether anything but its readers may want it: until the verdict, and as long as its owner does. */
  #isKept(): boolean {
    return this.#first !== undefined && this.#keeper?.isWanted() !== false
  }

  /**
   * Reads the source in the leader's asynchronous context: on runtimes that tie a stream to its request, no other
   * request may read it.
   */
  async #run(): Promise<void> {
    while (this.#sourceEnd === undefined) {
      const isPumped = this.#first !== undefined && this.#keeper !== undefined
      if (isPumped || this.#waiting.size > 0 || !this.#hasBegun) await this.#advance()
      else await this.#demand.next()
    }
  }

  async #advance(): Promise<void> {
    this.#hasBegun = true
    try {
      const bytes = await this.#source.next()
      if (this.#sourceEnd !== undefined) return
      if (bytes === undefined) this.#finish()
      else this.#take(bytes)
    } catch (error) {
      this.#break(error)
    }
    for (const reader of this.#readers) reader.wake()
  }

  #take(bytes: Uint8Array): void {
    const size = this.#size + bytes.byteLength
    const hasRoom = this.#memory.hasRoom(bytes.byteLength)
    if (this.#first !== undefined && (size > this.#maxBytes || !hasRoom)) this.#slide('overflow')
    if (this.#first === undefined) this.#cutOff(hasRoom ? this.#maxBytes : 0)
    this.#last = this.#last.append(bytes)
    this.#size = size
    this.#waiting.clear()
    this.#count()
    if (isOver(size, this.#keeper?.declaredBytes)) this.#mismatch()
    this.#keeper?.onProgress()
    this.cancelIfUnread()
  }

  /** The fastest reader sets the pace. */
  #cutOff(window: number): void {
    let fastest = 0
    for (const { position } of this.#readers) fastest = Math.max(fastest, position)
    for (const reader of this.#readers) {
      if (reader.position < fastest - window)
        reader.cut(new Error('stampede: this reader fell too far behind the others of its body'))
    }
  }

  #finish(): void {
    const declared = this.#keeper?.declaredBytes
    if (declared !== undefined && declared !== this.#size) this.#mismatch()
    this.#sourceEnd = 'whole'
    if (this.#first !== undefined) this.#tell({ kind: 'whole' })
    if (this.#keeper !== undefined) this.#letGo()
  }

  #break(error: unknown): void {
    if (this.#sourceEnd !== undefined) return
    this.#sourceEnd = { error }
    // The chunk may be invalid, and not the source.
    this.#source.cancel()
    this.#letGo()
    this.#tell({ kind: 'broken', error })
  }

  /** RFC 9112 s8: a body of another length than declared is incomplete. */
  #mismatch(): void {
    this.#slide('length')
    for (const reader of this.#readers) {
      if (reader !== this.#leader) reader.cut(new Error('stampede: the body is not as long as its Content-Length says'))
    }
  }

  #slide(kind: 'overflow' | 'length'): void {
    this.#letGo()
    this.#tell({ kind })
  }

  #letGo(): void {
    this.#first = undefined
    this.#count()
  }

  /** The first end is the one that the owner receives. */
  #tell(end: BodyEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#keeper?.onEnd(end)
  }

  /** The bytes that are kept: all of them, or those that the slowest reader has still to read; none without readers. */
  #count(): void {
    let slowest = this.#size
    if (this.#first !== undefined) slowest = 0
    else for (const { position } of this.#readers) slowest = Math.min(slowest, position)
    const held = this.#size - slowest
    this.#memory.reserve(held - this.#reserved)
    this.#reserved = held
  }
}

function isOver(size: number, declared: number | undefined): boolean {
  return declared !== undefined && size > declared
}
