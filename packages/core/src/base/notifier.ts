/** Lets all who wait go on when it rings. */
export class Bell {
  #rung: Promise<void> | undefined
  #ring: () => void = () => {}

  /** Resolves when it rings next. */
  rung(): Promise<void> {
    this.#rung ??= new Promise(resolve => {
      this.#ring = resolve
    })
    return this.#rung
  }

  ring(): void {
    this.#rung = undefined
    this.#ring()
  }
}
