import { FetchFailure, type Value, valueOf } from './value.ts'

interface Gate {
  readonly open: () => void
  readonly fail: () => void
}

/** Fetches that wait until the loop lets them go on, or fail. */
export class Gates {
  #waiting: Gate[] = []

  get size(): number {
    return this.#waiting.length
  }

  /** A fetch that heeds its signal, as those of the web do. */
  wait(key: string, signal: AbortSignal | undefined): Promise<Value> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new FetchFailure(key))
      this.#waiting.push({ open: () => resolve(valueOf(key)), fail })
      signal?.addEventListener('abort', fail, { once: true })
    })
  }

  /** Lets all but the youngest go on; every third one fails. */
  release(keep: number): void {
    const count = Math.max(0, this.#waiting.length - keep)
    const released = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    for (const [index, gate] of released.entries()) {
      if (index % 3 === 0) gate.fail()
      else gate.open()
    }
  }
}
