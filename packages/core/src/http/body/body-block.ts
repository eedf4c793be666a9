/**
 * Small chunks share blocks that double in size up to this limit, so that a body in single bytes does not cost a
 * hundred times its size.
 */
const SHARED_BLOCK_BYTES = 16_384
const FIRST_BLOCK_BYTES = 64

/**
 * Bytes of a body, linked to the next block. A reference to a block keeps all later blocks alive, and no earlier ones.
 */
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

  /** The bytes from `offset` on, as a copy, so that no reader can change them for another. */
  from(offset: number): Uint8Array {
    return this.#bytes.slice(offset, this.#length)
  }

  /** Appends a copy of the bytes, since their source may reuse the buffer. Returns the last block. */
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
