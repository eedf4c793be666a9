// What the checks need, of JavaScript alone: they run where there is no test runner.

export function equal(actual, expected) {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}

/** @returns {Promise<unknown>} what it was rejected with */
export async function rejection(promise) {
  try {
    await promise
  } catch (reason) {
    return reason
  }
  throw new Error('expected a rejection')
}

/** A promise that is settled from outside. */
export function gate() {
  let open
  const passed = new Promise(resolve => {
    open = resolve
  })
  return { open, passed }
}

/** A clock that stands still until it is advanced. */
export function testClock() {
  let now = 1_000_000
  const timers = new Set()
  return {
    now: () => now,
    setTimeout(callback, ms) {
      const timer = { at: now + ms, callback }
      timers.add(timer)
      return timer
    },
    clearTimeout: timer => void timers.delete(timer),
    advance(ms) {
      now += ms
      for (const timer of timers) {
        if (timer.at > now) continue
        timers.delete(timer)
        timer.callback()
      }
    },
  }
}
