/** Holds back everything that passes, until it is opened. */
export class Gate {
  readonly #opened: Promise<void>
  #open: () => void = () => {}

  constructor() {
    this.#opened = new Promise(resolve => {
      this.#open = resolve
    })
  }

  open(): void {
    this.#open()
  }

  passed(): Promise<void> {
    return this.#opened
  }
}

/** Counts events by name, and resolves when a count is reached. */
export class Tally {
  readonly #counts = new Map<string, number>()
  readonly #waiting = new Set<{ readonly name: string; readonly count: number; readonly done: () => void }>()

  count(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  /** Something of this name happened. */
  add(name: string): void {
    const count = this.count(name) + 1
    this.#counts.set(name, count)
    for (const waiter of this.#waiting) {
      if (waiter.name !== name || waiter.count > count) continue
      this.#waiting.delete(waiter)
      waiter.done()
    }
  }

  /** Resolves once it has happened `count` times in all. */
  until(name: string, count: number): Promise<void> {
    if (this.count(name) >= count) return Promise.resolve()
    return new Promise(done => this.#waiting.add({ name, count, done }))
  }
}
