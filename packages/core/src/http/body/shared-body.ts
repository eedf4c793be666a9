import { Notifier } from '../../base/notifier.ts'
import { BodyBlock } from './body-block.ts'
import { BodyReader, type ReadBody, type SourceEnd } from './body-reader.ts'
import { BodySource } from './body-source.ts'
import type { BodyStream, TappedBody } from '../contract/contract.ts'

/** What became of a body, for those who would keep it. */
export type BodyEnd =
  | { readonly kind: 'whole' }
  /** More than may be held: it goes on for those who read it already. */
  | { readonly kind: 'overflow' }
  /** Not as long as its head said: broken for all but the leader. */
  | { readonly kind: 'length' }
  /** The stream failed. */
  | { readonly kind: 'broken'; readonly error: unknown }
  /** Nobody wanted it any more. */
  | { readonly kind: 'cancelled' }

/** Who keeps a body that others may have. */
export interface Keeper {
  /** RFC 9112 s6.3: the length that its head declares, if it does. */
  readonly declaredBytes: number | undefined
  /** Whether it is to be read to its end though nobody reads it. */
  isWanted(): boolean
  onProgress(): void
  onEnd(end: BodyEnd): void
}

/** What bounds the bodies of all requests together. */
export interface BodyMemory {
  hasRoom(bytes: number): boolean
  /** Counts so many bytes more; less, where they are negative. */
  reserve(bytes: number): void
}

/**
 * A body that is read once and has many readers, each at its own pace; the leader is the first of them. While all of it
 * may be held, everyone gets it from the first byte on, and once it is shared it is read as fast as it comes. After
 * that the fastest reader draws it, and one that falls behind by more than may be held is cut off.
 */
export class SharedBody implements TappedBody, ReadBody {
  readonly #source: BodySource
  readonly #maxBytes: number
  readonly #memory: BodyMemory
  readonly #readers = new Set<BodyReader>()
  readonly #leader: BodyReader
  /** Held while all of the body is. */
  #first: BodyBlock | undefined = new BodyBlock()
  #last: BodyBlock = this.#first ?? new BodyBlock()
  #size = 0
  #reserved = 0
  /** Readers that have all that came. */
  readonly #waiting = new Set<BodyReader>()
  /** Read ahead by one chunk: a stream that fails before anybody reads it must find someone listening. */
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

  /** The leader's own reader. */
  [Symbol.asyncIterator](): BodyReader {
    return this.#leader
  }

  /** Another reader, from the first byte on. There is none any more once the body was more than may be held. */
  reader(): TappedBody {
    if (this.#first === undefined) throw new Error('stampede: the beginning of this body is held no more')
    return this.#open(this.#first)
  }

  /** The body has not ended, and may be given to others. */
  share(keeper: Keeper): void {
    this.#keeper = keeper
    if (isOver(this.#size, keeper.declaredBytes)) this.#mismatch()
    this.#demand.notify()
  }

  /** The body is the leader's alone. */
  drop(): void {
    if (this.#first === undefined) return
    this.#slide('overflow')
    this.cancelIfUnread()
  }

  /** All bytes of a body that is whole; it then holds no more than its readers have still to read. */
  takeWhole(): Uint8Array {
    const bytes = this.#first === undefined ? new Uint8Array() : BodyBlock.whole(this.#first)
    this.#letGo()
    return bytes
  }

  /** To be called when it may be wanted less than before. */
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

  /** Whether somebody but its readers may want it: until the verdict, and as long as its keeper does. */
  #isKept(): boolean {
    return this.#first !== undefined && this.#keeper?.isWanted() !== false
  }

  /**
   * Reads the source, all of it in the leader's own course of events: runtimes that tie a stream to its request let nobody
   * else read it.
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
    // It may be the chunk that is wrong, and not the source.
    this.#source.cancel()
    this.#letGo()
    this.#tell({ kind: 'broken', error })
  }

  /** RFC 9112 s8: a body of another length than its head said is not the whole of it. */
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

  /** What comes first is what the keeper is told. */
  #tell(end: BodyEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#keeper?.onEnd(end)
  }

  /** What is held: all of it, or what the slowest reader has still to read; nothing when nobody does. */
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
