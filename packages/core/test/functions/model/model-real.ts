import { TestClock } from '../../../../conformance/src/test-clock.ts'
import { type CallOptions, type FetchContext, MissingKeyError, Stampede, TimeoutError } from '../../../src/index.ts'
import type { Ending, Mode, Terms } from './model-parts.ts'

/** A run of the work that was really started, and how to end it. */
export interface RealRun {
  readonly keys: readonly string[]
  /** The stale values that it was shown. */
  readonly stale: readonly (string | undefined)[]
  readonly signal: AbortSignal
  isOver: boolean
  end(ending: Ending, id: number): void
}

/** A call that was really made. */
export interface RealCall {
  readonly keys: readonly string[]
  answer: string | undefined
  readonly controller: AbortController | undefined
}

interface Bounds {
  readonly maxEntries?: number
  readonly maxFlights?: number
  /** Nobody listens to its events. */
  readonly isQuiet: boolean
}

/** A cache under test, with all that was asked of it and all that it ran. */
export class Real {
  readonly clock: TestClock = new TestClock()
  readonly runs: RealRun[] = []
  readonly calls: RealCall[] = []
  readonly rejections: unknown[] = []
  readonly cache: Stampede<string>
  readonly #onRejection = (reason: unknown): void => void this.rejections.push(reason)

  constructor(base: Terms, { isQuiet, ...bounds }: Bounds) {
    const { tags: _, ...options } = base
    const listener = isQuiet ? {} : { onEvent: (): void => {} }
    this.cache = new Stampede<string>({ ...options, ...bounds, clock: this.clock, ...listener })
    process.on('unhandledRejection', this.#onRejection)
  }

  ask(key: string, mode: Mode, own: Partial<Terms>, mayLeave: boolean): void {
    const controller = mayLeave ? new AbortController() : undefined
    const fetch = (context: FetchContext<string>): Promise<string> =>
      this.#run([context.key], [context.stale], context, values => values.get(context.key) ?? '')
    const call = this.#called([key], controller)
    this.#follow(call, this.cache[mode](key, fetch, optionsOf(own, controller)), value => value)
  }

  askMany(keys: readonly string[], own: Partial<Terms>, mayLeave: boolean): void {
    const controller = mayLeave ? new AbortController() : undefined
    const call = this.#called(keys, controller)
    const asked = this.cache.getMany(
      keys,
      (some, context) => {
        const stale = some.map(key => context.stale.get(key))
        return this.#run(some, stale, context, values => values)
      },
      optionsOf(own, controller),
    )
    const shown = (values: ReadonlyMap<string, string>): string => [...values].map(pair => pair.join('=')).join()
    this.#follow(call, asked, shown)
  }

  /** Lets all that is due run. */
  settled(): Promise<void> {
    return new Promise(resolve => setImmediate(resolve))
  }

  async close(): Promise<void> {
    await this.cache.close()
    const ending = { fails: true, leavesOut: undefined, ttl: undefined, tags: [], noStore: false }
    for (const run of this.runs) if (!run.isOver) run.end(ending, 0)
    await this.settled()
    process.off('unhandledRejection', this.#onRejection)
  }

  #run<Result>(
    keys: readonly string[],
    stale: RealRun['stale'],
    context: Pick<FetchContext<string>, 'signal' | 'ttl' | 'tags' | 'noStore'>,
    resultOf: (values: ReadonlyMap<string, string>) => Result,
  ): Promise<Result> {
    const { signal } = context
    return new Promise((resolve, reject) => {
      const end = ({ fails, leavesOut, ttl, tags, noStore }: Ending, id: number): void => {
        run.isOver = true
        Object.assign(context, { ttl, noStore, tags: tags.length > 0 ? tags : undefined })
        if (fails) return reject(new Error(`e${id}`))
        const given = keys.filter((_, place) => place !== leavesOut)
        resolve(resultOf(new Map(given.map(key => [key, `v${id}${key}`]))))
      }
      const run: RealRun = { keys, stale, signal, isOver: false, end }
      this.runs.push(run)
    })
  }

  #called(keys: readonly string[], controller: AbortController | undefined): RealCall {
    const call: RealCall = { keys, answer: undefined, controller }
    this.calls.push(call)
    return call
  }

  #follow<T>(call: RealCall, asked: Promise<T>, shown: (value: T) => string): void {
    asked.then(
      value => {
        call.answer = shown(value)
      },
      (reason: unknown) => {
        call.answer = reasonOf(reason)
      },
    )
  }
}

function optionsOf(own: Partial<Terms>, controller: AbortController | undefined): CallOptions | undefined {
  if (controller !== undefined) return { ...own, signal: controller.signal }
  return Object.keys(own).length === 0 ? undefined : own
}

function reasonOf(reason: unknown): string {
  if (reason instanceof TimeoutError) return `timeout:${reason.key}`
  if (reason instanceof MissingKeyError) return `missing:${reason.key}`
  return reason instanceof Error ? reason.message : String(reason)
}
