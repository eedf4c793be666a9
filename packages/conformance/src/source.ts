import { Tally } from './gate.ts'
import { StreamedBody } from './mount.ts'

/** A body that a case lets out piece by piece. */
export class Source {
  readonly #steps: (() => IteratorResult<string>)[] = []
  #onStep: () => void = () => {}
  /** Its events: `read` for each requested piece, `closed` when it has no reader any more. */
  readonly seen: Tally = new Tally()
  readonly body: StreamedBody = new StreamedBody({
    [Symbol.asyncIterator]: () => ({
      next: () => this.#next(),
      return: () => {
        this.seen.add('closed')
        return Promise.resolve({ done: true, value: undefined })
      },
    }),
  })

  /** Lets out these pieces. */
  give(...pieces: readonly string[]): void {
    for (const piece of pieces) this.#steps.push(() => ({ done: false, value: piece }))
    this.#onStep()
  }

  end(): void {
    this.#steps.push(() => ({ done: true, value: undefined }))
    this.#onStep()
  }

  breakOff(): void {
    this.#steps.push(() => {
      throw new Error('source broke off')
    })
    this.#onStep()
  }

  async #next(): Promise<IteratorResult<string>> {
    this.seen.add('read')
    for (;;) {
      const step = this.#steps.shift()
      if (step !== undefined) return step()
      await new Promise<void>(resolve => {
        this.#onStep = resolve
      })
    }
  }
}
