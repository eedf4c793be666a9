/** A listener whose trouble is its own affair: nobody's answer may depend on it. `undefined` where there is none. */
export function contained<Event>(
  listener: ((event: Event) => unknown) | undefined,
): ((event: Event) => void) | undefined {
  if (listener === undefined) return undefined
  return event => {
    try {
      const returned = listener(event)
      if (returned instanceof Promise) returned.catch(() => {})
    } catch {
      // Contained on purpose: there is nobody to tell.
    }
  }
}
