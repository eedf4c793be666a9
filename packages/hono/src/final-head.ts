import { headerLines, type Lease } from '@stampede/core/http'
import type { Context } from 'hono'

/** Those of requests that go through several instances: the outermost sees it for all of them. */
const outermost = new WeakMap<Context, FinalHead>()

/**
 * Fulfills a lease by the final head where no server of Node's kind shows it, and Hono tells nobody that it has answered.
 * It reads `c.res` last of all then, and the runtime asks for the body after that: the first of both that is seen counts.
 */
export class FinalHead {
  readonly #c: Context
  readonly #lease: Lease
  readonly #inner: FinalHead | undefined
  /** Counts those that were waited for: the last one is meant. */
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

  /** The body is asked for. */
  fulfill(): void {
    if (outermost.get(this.#c) === this) this.#fulfill()
  }

  /** What middleware in front may do as well: it then has its say in this turn of the event loop. */
  fulfillAfterTurn(): void {
    if (this.#isFulfilled) return
    this.#decision += 1
    const decision = this.#decision
    soon(() => {
      if (decision === this.#decision) this.fulfill()
    })
  }

  /** From now on it counts who reads `c.res`. */
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
 * Where there is none, as on Workers, a timer, which comes later than the client's next request may. The runtime's own: fake timers
 * of a test would hold up the response.
 */
const { setImmediate: soon = setTimeout } = globalThis as {
  readonly setImmediate?: (callback: () => void) => unknown
}
