import { tokenOf } from '../base/bytes.ts'

/** What a waiting process receives. `L`: the store is away. */
export interface Wake {
  readonly kind: 'C' | 'R' | 'E' | 'P' | 'L'
  readonly payload: Uint8Array
}

const TOKEN_BYTES = 16
/** Maximum number of waiting callers. */
const MOST = 10_000
/** Wakes that are kept because the reply that they belong to may be in transit. */
const MOST_EARLY = 1_000

/** The waiting callers of this process, by the token of the leader that they wait for. */
export class Waiters {
  readonly #waiting = new Map<string, Set<(wake: Wake) => void>>()
  readonly #early = new Map<string, Wake>()
  #count = 0
  #asking = 0

  get size(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count >= MOST
  }

  /** From now on, a wake may arrive before the reply that names its leader. Returns the function that ends this. */
  ask(): () => void {
    this.#asking += 1
    return () => {
      this.#asking -= 1
      if (this.#asking === 0) this.#early.clear()
    }
  }

  /**
   * Calls `done` once, with the wake for this token, also if it has arrived already. Returns the function that stops
   * waiting.
   */
  wait(token: string, done: (wake: Wake) => void): () => void {
    const early = this.#early.get(token)
    if (early !== undefined) {
      done(early)
      return () => {}
    }
    const waiting = this.#waiting.get(token) ?? new Set()
    this.#waiting.set(token, waiting)
    waiting.add(done)
    this.#count += 1
    return () => this.#leave(token, done)
  }

  /** A message on the channel of this process. */
  deliver(message: Uint8Array): void {
    const kind = String.fromCharCode(message[0] ?? 0)
    if (!isKind(kind) || message.length <= TOKEN_BYTES) return
    const token = tokenOf(message.subarray(1, 1 + TOKEN_BYTES))
    const wake: Wake = { kind, payload: message.subarray(1 + TOKEN_BYTES) }
    if (this.#asking > 0) this.#keep(token, wake)
    this.#wake(token, wake)
  }

  /** The store is away: nothing waits any longer. */
  releaseAll(): void {
    const wake: Wake = { kind: 'L', payload: new Uint8Array() }
    for (const token of this.#waiting.keys()) this.#wake(token, wake)
  }

  /**
   * A process that always has requests in progress never forgets them all at once: the oldest is dropped, whose reply
   * is the least likely.
   */
  #keep(token: string, wake: Wake): void {
    this.#early.delete(token)
    this.#early.set(token, wake)
    if (this.#early.size <= MOST_EARLY) return
    for (const oldest of this.#early.keys()) {
      this.#early.delete(oldest)
      return
    }
  }

  #wake(token: string, wake: Wake): void {
    const waiting = this.#waiting.get(token)
    if (waiting === undefined) return
    this.#waiting.delete(token)
    this.#count -= waiting.size
    for (const done of waiting) done(wake)
  }

  #leave(token: string, done: (wake: Wake) => void): void {
    const waiting = this.#waiting.get(token)
    if (waiting === undefined || !waiting.delete(done)) return
    this.#count -= 1
    if (waiting.size === 0) this.#waiting.delete(token)
  }
}

function isKind(kind: string): kind is 'C' | 'R' | 'E' | 'P' {
  return 'CREP'.includes(kind)
}
