/** Wakes everything that waits for the next notification. */
export class Notifier {
  #rung: Promise<void> | undefined
  #ring: () => void = () => {}

  /** Resolves at the next notification. */
  next(): Promise<void> {
    this.#rung ??= new Promise(resolve => {
      this.#ring = resolve
    })
    return this.#rung
  }

  notify(): void {
    this.#rung = undefined
    this.#ring()
  }
}
