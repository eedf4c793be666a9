import { createClient } from '@keyv/redis'
import type { Setting, Subject } from '../contender.ts'

/** What a hit costs where there is nothing but the client that @keyv/redis brings. */
export async function rawGetOfNodeRedisOver({ port }: Setting): Promise<Subject> {
  const client = createClient({ socket: { host: '127.0.0.1', port } })
  client.on('error', () => {})
  await client.connect()
  return {
    async get(key, load) {
      const known = await client.get(key)
      if (typeof known === 'string') return known
      const value = await load()
      await client.set(key, value)
      return value
    },
    invalidate: key => client.del(key),
    close: async () => client.destroy(),
  }
}
