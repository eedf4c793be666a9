/**
 * What takes real time by nature: the delay of a line, the work of an origin in another process, a look at what another
 * process did. Never a way to wait for what can be waited for.
 */
export function elapse(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** Milliseconds between two looks. */
const STEP = 5

/** Looks again and again until it holds; fails where it does not within `ms`. */
export async function eventually(holds: () => boolean | Promise<boolean>, ms: number = 30_000): Promise<void> {
  const end = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`it did not come within ${ms} ms: ${String(holds)}`)
    await elapse(STEP)
  }
}
