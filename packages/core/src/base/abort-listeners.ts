/** The callers that leave with one signal. */
class Leavers extends Set<() => void> {
  readonly leave = (): void => this.forEach(leave => leave())
}

/**
 * By signal. They share one listener: each would cost more than the rest of a call, and runtimes warn of more than ten at
 * one signal.
 */
const present = new WeakMap<AbortSignal, Leavers>()

/** Calls `leave` once the signal aborts, which it has not yet. Returns the way to take that back. */
export function onAbort(signal: AbortSignal, leave: () => void): () => void {
  let leavers = present.get(signal)
  if (leavers === undefined) {
    leavers = new Leavers()
    present.set(signal, leavers)
    signal.addEventListener('abort', leavers.leave, { once: true })
  }
  leavers.add(leave)
  return () => {
    // The listener goes with the last of them: a signal may live for as long as the process.
    if (!leavers.delete(leave) || leavers.size > 0) return
    present.delete(signal)
    signal.removeEventListener('abort', leavers.leave)
  }
}
