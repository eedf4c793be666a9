import { HttpStampede } from '@stampede/core/http'
import { redisStore } from '@stampede/redis'
import { Redis } from 'ioredis'
import { originAt } from '../origin.ts'
import { frameworks } from '../servers/index.ts'
import type { FromMember, Membership, ToMember } from './membership.ts'

/** One process of the fleet: a server of its framework, over the store that all share. Ends with its parent. */
export async function runMember(told: string): Promise<void> {
  const { name, framework, origin, redis, timeout, ttl } = JSON.parse(told) as Membership
  const start = frameworks.find(known => known.name === framework)?.start
  if (start === undefined) throw new Error(`There is no server of ${framework}.`)
  process.on('disconnect', () => process.exit())
  const client = new Redis(redis)
  // Without a listener the client writes its errors to the console.
  client.on('error', () => {})
  const instance = new HttpStampede({
    ttl,
    store: redisStore({ client, commandTimeout: timeout }),
    onEvent: event => {
      const at = performance.timeOrigin + performance.now()
      if (event.type === 'breaker') say({ kind: 'store', event: event.state, at })
      if (event.type === 'degrade') say({ kind: 'store', event: 'degrade', at })
    },
  })
  process.on('message', ({ invalidate }: ToMember) => {
    void instance.controls.invalidate(invalidate).then(({ fleet }) => say({ kind: 'invalidated', fleet }))
  })
  const { url } = await start({ origin: originAt(origin, name), stampede: { instance }, port: 0 })
  say({ kind: 'listening', url })
}

function say(said: FromMember): void {
  process.send?.(said)
}
