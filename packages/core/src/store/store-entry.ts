/** Bits of `mark`: how often it was used, up to three; the queue it stands in; and that it was taken out. */
export const USES = 0b0011
export const IN_MAIN = 0b0100
export const REMOVED = 0b1000

/**
 * What is stored for a key. The store's own fields stand in the entry itself: an object around it for them would cost
 * more than all of them.
 */
export abstract class StoreEntry {
  readonly key: string
  /** The store's own: the next one in its queue. */
  next: this | undefined = undefined
  /** The store's own: see the bits above. */
  mark = 0

  constructor(key: string) {
    this.key = key
  }

  /** What the entry counts towards `maxBytes`, its key included. */
  abstract readonly bytes: number

  get isRemoved(): boolean {
    return (this.mark & REMOVED) !== 0
  }

  /** Counts a use, as far as the store wants to know. */
  use(): void {
    if ((this.mark & USES) !== USES) this.mark += 1
  }
}
