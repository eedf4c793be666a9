/** The callers that share one signal. */
class Leavers extends Set<() => void> {
  readonly leave = (): void => this.forEach(leave => leave())
}

/**
 * By signal. The callers of a signal share one listener: a listener each would cost more than the rest of a call, and
 * runtimes warn about more than ten on one signal.
 */
const present = new WeakMap<AbortSignal, Leavers>()

/** Calls `leave` once the signal aborts, which it has not done yet. Returns a function that cancels this. */
export function onAbort(signal: AbortSignal, leave: () => void): () => void {
  let leavers = present.get(signal)
  if (leavers === undefined) {
    leavers = new Leavers()
    present.set(signal, leavers)
    signal.addEventListener('abort', leavers.leave, { once: true })
  }
  leavers.add(leave)
  return () => {
    // The last caller removes the listener: a signal may live as long as the process.
    if (!leavers.delete(leave) || leavers.size > 0) return
    present.delete(signal)
    signal.removeEventListener('abort', leavers.leave)
  }
}
