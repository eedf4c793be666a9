import type { RedisPort } from '../protocol/driver.ts'
import { OptionError } from '@stampede/core'
import { glidePort, hasCache, isGlide, readsFromReplicas } from './glide.ts'
import { ioredisPort, isIoredis } from './ioredis.ts'
import { isNodeRedis, nodeRedisPort } from './node-redis.ts'

/**
 * How a client of one of the known kinds is used; undefined for any other.
 *
 * @throws {OptionError} for a subscriber of another kind, and for a client that would read what is outdated
 */
export function portOf(client: object, subscriber: object | undefined): (() => RedisPort) | undefined {
  if (isGlide(client) && readsFromReplicas(client)) throw new OptionError('client', client, FROM_PRIMARY)
  if (isGlide(client) && hasCache(client)) throw new OptionError('client', client, FROM_SERVER)
  return (
    connecting(client, subscriber, isIoredis, ioredisPort) ??
    connecting(client, subscriber, isNodeRedis, nodeRedisPort) ??
    connecting(client, subscriber, isGlide, glidePort)
  )
}

const FROM_PRIMARY = 'a GlideClient without "readFrom": a replica may still have what was changed'
const FROM_SERVER = 'a client of valkey-glide without "clientSideCache": that may still have what was changed'

function connecting<Client extends object>(
  client: object,
  subscriber: object | undefined,
  isOne: (given: object) => given is Client,
  connect: (client: Client, subscriber: Client | undefined) => RedisPort,
): (() => RedisPort) | undefined {
  if (!isOne(client)) return undefined
  if (subscriber === undefined) return () => connect(client, undefined)
  if (!isOne(subscriber)) throw new OptionError('subscriber', subscriber, 'a client of the same kind as "client"')
  return () => connect(client, subscriber)
}
