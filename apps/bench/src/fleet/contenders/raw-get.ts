import type { Setting, Subject } from '../contender.ts'
import { connected } from './connected.ts'

/** What a hit costs where there is nothing but the client. */
export async function rawGetOver(setting: Setting): Promise<Subject> {
  const client = await connected(setting)
  return {
    async get(key, load) {
      const known = await client.get(key)
      if (known !== null) return known
      const value = await load()
      await client.set(key, value)
      return value
    },
    invalidate: key => client.del(key),
    close: async () => client.disconnect(),
  }
}
