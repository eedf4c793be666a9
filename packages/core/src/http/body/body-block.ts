/** Small chunks share blocks that double up to this: a body in single bytes must not cost a hundred times its size. */
const SHARED_BLOCK_BYTES = 16_384
const FIRST_BLOCK_BYTES = 64

/** Bytes of a body, and the block behind it. Who holds a block holds all that come later, and none that came before. */
export class BodyBlock {
  next: BodyBlock | undefined
  readonly #bytes: Uint8Array
  #length = 0

  constructor(capacity = 0) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** The bytes from `offset` on, as a copy: what one reader does to them no other sees. */
  from(offset: number): Uint8Array {
    return this.#bytes.slice(offset, this.#length)
  }

  /** Adds a copy of the bytes, whose buffer their source may use again. Returns the last block, where they stand. */
  append(bytes: Uint8Array): BodyBlock {
    if (bytes.byteLength <= this.#bytes.byteLength - this.#length) {
      this.#bytes.set(bytes, this.#length)
      this.#length += bytes.byteLength
      return this
    }
    const shared = Math.min(SHARED_BLOCK_BYTES, Math.max(FIRST_BLOCK_BYTES, 2 * this.#bytes.byteLength))
    this.next = new BodyBlock(Math.max(bytes.byteLength, shared))
    return this.next.append(bytes)
  }

  /** All bytes from a block on. */
  static whole(first: BodyBlock): Uint8Array {
    const blocks: BodyBlock[] = []
    let size = 0
    for (let block: BodyBlock | undefined = first; block !== undefined; block = block.next) {
      blocks.push(block)
      size += block.length
    }
    const bytes = new Uint8Array(size)
    let offset = 0
    for (const block of blocks) {
      bytes.set(block.#bytes.subarray(0, block.length), offset)
      offset += block.length
    }
    return bytes
  }
}
