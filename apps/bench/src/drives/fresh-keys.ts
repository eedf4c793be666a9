let made = 0

/** For each name and pass a key that was never made before, hashed as the keys of the other suites are. */
export function freshKeys(names: readonly string[], passes: number): string[] {
  const keys = new Set<string>()
  for (let pass = 0; pass < passes; pass += 1) {
    for (const name of names) {
      made += 1
      keys.add(`${name}:${made}`)
    }
  }
  return [...keys]
}
