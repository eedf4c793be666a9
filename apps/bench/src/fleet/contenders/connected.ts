import { once } from 'node:events'
import { Redis, type RedisOptions } from 'ioredis'
import type { Setting } from '../contender.ts'

/** A client as its users make it, connected. */
export async function connected({ port }: Setting, options: RedisOptions = {}): Promise<Redis> {
  const client = new Redis({ ...options, port, host: '127.0.0.1' })
  // Without a listener it writes its errors to the console.
  client.on('error', () => {})
  await once(client, 'ready')
  return client
}

/** What the client offers against a server that does not answer: none of it is on by default. */
export const IMPATIENT: RedisOptions = { commandTimeout: 100, maxRetriesPerRequest: 0, enableOfflineQueue: false }
