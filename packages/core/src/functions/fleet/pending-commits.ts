/** The time in which the fleet is told of a result. */
interface PendingCommit {
  /** Until when the result will do for whoever takes what is fresh: not at all where nothing is kept of it. */
  freshUntil: number
  readonly end: Promise<void>
  readonly over: () => void
}

/** The flights that have landed, and of which the fleet is being told. */
export class PendingCommits<Flight> {
  readonly #under = new Map<Flight, PendingCommit>()

  get isEmpty(): boolean {
    return this.#under.size === 0
  }

  begin(flight: Flight): PendingCommit {
    let over = noop
    const end = new Promise<void>(resolve => {
      over = resolve
    })
    const telling = { freshUntil: Number.NEGATIVE_INFINITY, end, over }
    this.#under.set(flight, telling)
    return telling
  }

  /** When the fleet was told, for one whom the result would not do; `undefined` where it does, or nothing is told. */
  endOf(flight: Flight, now: number): Promise<void> | undefined {
    const telling = this.#under.get(flight)
    return telling === undefined || now < telling.freshUntil ? undefined : telling.end
  }

  end(flight: Flight): void {
    this.#under.get(flight)?.over()
    this.#under.delete(flight)
  }
}

function noop(): void {}
