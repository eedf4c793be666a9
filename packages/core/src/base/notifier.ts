/** Lets all who wait go on when it rings. */
export class Notifier {
  #rung: Promise<void> | undefined
  #ring: () => void = () => {}

  /** Resolves when it rings next. */
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
