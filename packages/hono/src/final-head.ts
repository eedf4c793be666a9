import { headerLines, type Lease } from '@stampede/core/http'
import type { Context } from 'hono'

/** Watchers of requests that go through several instances: the outermost instance watches for all of them. */
const outermost = new WeakMap<Context, FinalHead>()

/**
 * Fulfills a lease by the final head where no server of Node's kind shows it, and Hono does not announce its answer.
 * Hono reads `c.res` last of all then, and the runtime reads the body after that: the first of both counts.
 */
export class FinalHead {
  readonly #c: Context
  readonly #lease: Lease
  readonly #inner: FinalHead | undefined
  /** Counts the waits: only the last one counts. */
  #decision = 0
  #isFulfilled = false
  #onFulfilled: () => void = () => {}

  constructor(c: Context, lease: Lease) {
    this.#c = c
    this.#lease = lease
    this.#inner = outermost.get(c)
    outermost.set(c, this)
  }

  whenFulfilled(callback: () => void): void {
    this.#onFulfilled = callback
  }

  /** The body is read. */
  fulfill(): void {
    if (outermost.get(this.#c) === this) this.#fulfill()
  }

  /** Middleware in front may do the same: it then runs in this turn of the event loop. */
  fulfillAfterTurn(): void {
    if (this.#isFulfilled) return
    this.#decision += 1
    const decision = this.#decision
    soon(() => {
      if (decision === this.#decision) this.fulfill()
    })
  }

  /** From now on, reading `c.res` counts. */
  watch(): void {
    const c = this.#c
    const res = accessorOf(c)
    if (res?.get === undefined || res.set === undefined) return this.fulfillAfterTurn()
    Object.defineProperty(c, 'res', {
      configurable: true,
      get: (): unknown => {
        this.fulfillAfterTurn()
        return res.get?.call(c)
      },
      set(response: unknown) {
        res.set?.call(c, response)
      },
    })
  }

  #fulfill(): void {
    if (this.#isFulfilled) return
    this.#isFulfilled = true
    if (this.#inner !== undefined) this.#inner.#fulfill()
    this.#lease.fulfill(headerLines(this.#c.res.headers))
    this.#onFulfilled()
  }
}

/** Another instance may watch it already. */
function accessorOf(c: Context): PropertyDescriptor | undefined {
  return (
    Object.getOwnPropertyDescriptor(c, 'res') ??
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(c) as object, 'res')
  )
}

/**
 * Without it, as on Workers, a timer, which may come later than the client's next request. A timer of the runtime:
 * fake timers of a test would delay the response.
 */
const { setImmediate: soon = setTimeout } = globalThis as {
  readonly setImmediate?: (callback: () => void) => unknown
}
