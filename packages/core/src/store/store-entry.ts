/** Bits of `mark`: the number of uses, up to three; the queue; and whether it was removed. */
export const USES = 0b0011
export const IN_MAIN = 0b0100
export const REMOVED = 0b1000

/**
 * An entry of the store. The fields of the store are in the entry itself: a wrapping object would cost more than all
 * of them.
 */
export abstract class StoreEntry {
  readonly key: string
  /** Of the store: the next entry in its queue. */
  next: this | undefined = undefined
  /** Of the store: see the bits above. */
  mark = 0

  constructor(key: string) {
    this.key = key
  }

  /** The bytes that count towards `maxBytes`, with the key. */
  abstract readonly bytes: number

  get isRemoved(): boolean {
    return (this.mark & REMOVED) !== 0
  }

  /** Counts a use, up to the number that matters. */
  use(): void {
    if ((this.mark & USES) !== USES) this.mark += 1
  }
}
