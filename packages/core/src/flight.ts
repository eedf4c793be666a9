import { after, type FullClock } from './clock.ts'
import { OptionError, TimeoutError } from './errors.ts'
import type { Keyed } from './flights.ts'
import { isDuration } from './options.ts'

/** What a fetch is told of its flight, and may say of its result. */
export interface FetchContext<Value> {
  readonly key: string
  /** Aborts when the fetch times out, or when all its callers have left. Made when first read. */
  readonly signal: AbortSignal
  /** The stored value that the result replaces, if there is one. */
  readonly stale: Value | undefined
  /** Set it to give this result another freshness lifetime, milliseconds. */
  ttl: number | undefined
  /** Set it to true to keep this result out of the store. */
  noStore: boolean
}

/** The work for a key. Anything but a promise is taken as the value itself. */
export type Fetch<Value> = (context: FetchContext<Value>) => Value | PromiseLike<Value>

/** One run of a fetch, and the promise that all its callers share. It settles once; what comes later is discarded. */
export class Flight<Value> implements Keyed {
  readonly key: string
  overdueAt: number = Number.POSITIVE_INFINITY
  readonly promise: Promise<Value>
  readonly #stale: Value | undefined
  #resolve: (value: Value) => void = noop
  #reject: (reason: unknown) => void = noop
  #controller: AbortController | undefined
  /** Why the flight was ended from outside, for a signal that is first read after that. */
  #endedBy: { readonly reason: unknown } | undefined
  #stopTimer: () => void = noop
  /** Callers that may still leave. */
  #leavers = 0
  /** Held by a caller without a signal, or by the cache itself: nobody's leaving ends it. */
  #held = false
  #settled = false

  constructor(key: string, stale: Value | undefined) {
    this.key = key
    this.#stale = stale
    this.promise = new Promise<Value>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Runs the fetch. A fetch that throws synchronously is one that rejects. */
  run(fetch: Fetch<Value>, onLanded: (value: Value, context: FetchContext<Value>) => void, onFailed: () => void): void {
    const context = this.#context()
    new Promise<Value>(resolve => resolve(fetch(context))).then(
      value => {
        if (!this.#settle()) return
        onLanded(value, context)
        this.#resolve(value)
      },
      (reason: unknown) => {
        if (!this.#settle()) return
        onFailed()
        this.#reject(reason)
      },
    )
  }

  /** Fails the flight with a `TimeoutError` after `ms`, unless it has settled by then. */
  limit(clock: FullClock, ms: number, onTimeout: () => void): void {
    this.#stopTimer = after(clock, ms, () => {
      const error = new TimeoutError(this.key, ms)
      this.#end(error, onTimeout)
    })
  }

  /** The shared promise, for a caller that stays to the end. */
  join(): Promise<Value> {
    this.#held = true
    return this.promise
  }

  /** Keeps the flight going on behalf of the cache; its failure is nobody's unhandled rejection. */
  holdBehind(): void {
    this.#held = true
    this.promise.catch(noop)
  }

  /** A promise of its own for a caller that may leave. `onEmpty` is called when the last of all callers has left. */
  joinUntil(signal: AbortSignal, onEmpty: () => void): Promise<Value> {
    this.#leavers += 1
    return new Promise<Value>((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason)
        this.#leavers -= 1
        if (this.#leavers === 0 && !this.#held) this.#end(signal.reason, onEmpty)
      }
      const stay = (): void => signal.removeEventListener('abort', leave)
      this.promise.then(stay, stay)
      this.promise.then(resolve, reject)
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true })
    })
  }

  #end(reason: unknown, onEnd: () => void): void {
    if (!this.#settle()) return
    this.#endedBy = { reason }
    onEnd()
    this.#reject(reason)
    this.#controller?.abort(reason)
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#stopTimer()
    return true
  }

  #signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#endedBy !== undefined) this.#controller.abort(this.#endedBy.reason)
    }
    return this.#controller.signal
  }

  #context(): FetchContext<Value> {
    const signal = (): AbortSignal => this.#signal()
    let ttl: number | undefined
    return {
      key: this.key,
      get signal() {
        return signal()
      },
      stale: this.#stale,
      get ttl() {
        return ttl
      },
      set ttl(value) {
        if (value !== undefined && !isDuration(value)) {
          throw new OptionError('context.ttl', value, 'a duration in milliseconds, 0 or more')
        }
        ttl = value
      },
      noStore: false,
    }
  }
}

function noop(): void {}
