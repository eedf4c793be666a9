import type { Contender } from '../contender.ts'

/** The floor: the least that anything which hands out a stored promise must do. */
export const storedPromise: Contender = {
  name: 'Map of promises',
  allowance: 'it has no bound, no expiry and no coalescing of its own',
  async prepare({ keys, load }) {
    const promises = new Map(keys.map(key => [key, load(key)]))
    await Promise.all(promises.values())
    return { ask: key => promises.get(key) }
  },
}
