const HEAD_END = '\r\n\r\n'
const LENGTH = /\r\ncontent-length: *(\d+)/i

/** Finds the ends of responses in what a connection brings, one after another; only heads are looked at. */
export class ResponseReader {
  #head = ''
  /** Bytes of the body that are still to come; -1 while a head is read. */
  #left = -1
  readonly #onResponse: (head: string) => void

  constructor(onResponse: (head: string) => void) {
    this.#onResponse = onResponse
  }

  /** @throws {Error} for a response that does not say its length */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left < 0) at = this.#readHead(chunk, at)
      const taken = Math.min(Math.max(0, this.#left), chunk.length - at)
      at += taken
      this.#left -= taken
      if (this.#left !== 0) continue
      this.#left = -1
      const head = this.#head
      this.#head = ''
      this.#onResponse(head)
    }
  }

  /** Takes what is there of the head; where it ends in this chunk, how long the body is. */
  #readHead(chunk: Buffer, at: number): number {
    const known = this.#head.length
    const from = Math.max(0, known - HEAD_END.length + 1)
    const end = known === 0 ? chunk.indexOf(HEAD_END, at, 'latin1') : -1
    const head = end === -1 ? this.#head + chunk.toString('latin1', at) : chunk.toString('latin1', at, end + 4)
    const headEnd = head.indexOf(HEAD_END, from)
    if (headEnd === -1) {
      this.#head = head
      return chunk.length
    }
    this.#head = head.slice(0, headEnd)
    const length = LENGTH.exec(this.#head)?.[1]
    if (length === undefined) throw new Error(`A response does not say its length: ${this.#head}`)
    this.#left = Number(length)
    return at + headEnd + HEAD_END.length - known
  }
}
