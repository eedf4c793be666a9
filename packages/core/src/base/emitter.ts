/** A listener whose errors are ignored, because no call may depend on it. `undefined` without a listener. */
export function contained<Event>(
  listener: ((event: Event) => unknown) | undefined,
): ((event: Event) => void) | undefined {
  if (listener === undefined) return undefined
  return event => {
    try {
      const returned = listener(event)
      if (returned instanceof Promise) returned.catch(() => {})
    } catch {
      // Ignored on purpose: there is nowhere to report it.
    }
  }
}
