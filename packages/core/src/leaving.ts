/**
 * Callers by the signal with which they leave. They share one listener: a listener costs more than the rest of a call, and
 * runtimes warn of more than ten at one signal.
 */
const present = new WeakMap<AbortSignal, Callers>()

class Callers {
  readonly #signal: AbortSignal
  readonly #leaves = new Set<() => void>()
  readonly #leaveAll = (): void => {
    present.delete(this.#signal)
    for (const leave of this.#leaves) leave()
  }

  constructor(signal: AbortSignal) {
    this.#signal = signal
    present.set(signal, this)
    signal.addEventListener('abort', this.#leaveAll, { once: true })
  }

  add(leave: () => void): void {
    this.#leaves.add(leave)
  }

  /** The listener goes with the last of them: a signal may live for as long as the process. */
  remove(leave: () => void): void {
    if (!this.#leaves.delete(leave) || this.#leaves.size > 0) return
    present.delete(this.#signal)
    this.#signal.removeEventListener('abort', this.#leaveAll)
  }
}

/** Calls `leave` once the signal aborts, which it has not yet. Returns the way to take that back. */
export function onceAborted(signal: AbortSignal, leave: () => void): () => void {
  const callers = present.get(signal) ?? new Callers(signal)
  callers.add(leave)
  return () => callers.remove(leave)
}
