/** A commit that the store has not acknowledged yet. */
interface PendingCommit {
  /** Until when the result satisfies a call that accepts a fresh value. The past, if nothing is stored. */
  freshUntil: number
  readonly end: Promise<void>
  readonly over: () => void
}

/** Resolved flights whose commits the store has not acknowledged yet. */
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

  /** The end of the commit, for a call that its result does not satisfy; otherwise `undefined`. */
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
