/** The result of a function, or `otherwise` if it throws: a custom driver may throw anywhere. */
export function tryOr<T>(act: () => T, otherwise: T): T {
  try {
    return act()
  } catch {
    return otherwise
  }
}
