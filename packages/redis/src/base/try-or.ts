/** What it gives, or, where it throws, `otherwise`: a driver of one's own may throw anywhere, and that is nobody's failure. */
export function tryOr<T>(act: () => T, otherwise: T): T {
  try {
    return act()
  } catch {
    return otherwise
  }
}
