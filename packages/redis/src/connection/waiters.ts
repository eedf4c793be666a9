import { tokenOf } from '../base/bytes.ts'

/** What a process is told that waits for another one's work. `L`: the store went away. */
export interface Wake {
  readonly kind: 'C' | 'R' | 'E' | 'P' | 'L'
  readonly payload: Uint8Array
}

const TOKEN_BYTES = 16
/** Those who wait at once, at most. */
const MOST = 10_000
/** Wakes that are kept because the reply that they belong to may be on its way. */
const MOST_EARLY = 1_000

/** Who waits in this process, by the token of the leader that is waited for. */
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

  /** From here on a wake may come before the reply that tells whom it is from. Returns the end of that. */
  ask(): () => void {
    this.#asking += 1
    return () => {
      this.#asking -= 1
      if (this.#asking === 0) this.#early.clear()
    }
  }

  /** Calls `done` once, with the wake for this token, also where it has come already. Returns the way to leave. */
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

  /** The store went away: nobody waits any longer. */
  releaseAll(): void {
    const wake: Wake = { kind: 'L', payload: new Uint8Array() }
    for (const token of this.#waiting.keys()) this.#wake(token, wake)
  }

  /** A process that is always asking never forgets them all at once: the oldest goes, whose reply is the least likely to come. */
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
