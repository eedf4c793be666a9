import { Redis } from 'ioredis'
import { RedisServer } from '@stampede/conformance/redis'
import { Stampede } from '@stampede/core'
import { redisStore } from '@stampede/redis'
import type { Contender } from '../../contender.ts'
import { roomFor, TTL } from '../../contenders/lifetime.ts'
import { stampede } from '../../contenders/stampede.ts'
import { runSuite } from '../../run-suite.ts'
import type { ShownSuite } from '../../shown-suite.ts'
import type { Suite } from '../../suite.ts'
import { hitZipf } from '../../suites/hit-zipf.ts'
import { table } from '../../table.ts'

const NANOSECONDS = 1e6
/** The least that the noise of a run hides. */
const AT_MOST = 1.05
const STORED_AT_ONCE = 500

/** A hit in memory, in a process that shares a store and in one that does not. */
export const localHit: ShownSuite = {
  name: 'local-hit',
  async run({ rounds, seed, ms }) {
    const server = await RedisServer.start()
    try {
      const now = (): number => performance.now() * NANOSECONDS
      const result = await runSuite(suiteOver(server.port), { rounds, seed, target: ms * NANOSECONDS, now })
      return { text: table(result), result }
    } finally {
      await server.close()
    }
  },
}

function suiteOver(port: number): Suite {
  const shared = stampedeOver(port)
  return {
    ...hitZipf,
    name: 'local-hit',
    about: 'a warm hit in memory, without a store and with one',
    floor: stampede,
    rivals: [shared],
    targets: [{ contender: shared.name, atMost: AT_MOST }],
  }
}

function stampedeOver(port: number): Contender {
  return {
    name: 'Stampede get, redisStore',
    package: '@stampede/redis',
    async prepare({ keys, load }) {
      const client = new Redis({ port, host: '127.0.0.1' })
      const store = redisStore({ client })
      const cache = new Stampede<number>({ ttl: TTL, maxEntries: roomFor(keys), store })
      const fetch = ({ key }: { readonly key: string }): Promise<number> => load(key)
      for (let from = 0; from < keys.length; from += STORED_AT_ONCE) {
        await Promise.all(keys.slice(from, from + STORED_AT_ONCE).map(key => cache.get(key, fetch)))
      }
      return {
        ask: key => cache.get(key, fetch),
        async close() {
          await cache.close()
          client.disconnect()
        },
      }
    },
  }
}
