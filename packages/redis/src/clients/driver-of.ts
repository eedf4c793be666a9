import type { RedisDriver } from '../protocol/driver.ts'
import { OptionError } from '@stampede/core'
import { glideDriver, hasCache, isGlide, readsFromReplicas } from './glide.ts'
import { ioredisDriver, isIoredis } from './ioredis.ts'
import { isNodeRedis, nodeRedisDriver } from './node-redis.ts'

/**
 * The driver for a supported client; `undefined` for any other.
 *
 * @throws {OptionError} for a subscriber of another kind, and for a client that would read outdated data
 */
export function driverOf(client: object, subscriber: object | undefined): (() => RedisDriver) | undefined {
  if (isGlide(client) && readsFromReplicas(client)) throw new OptionError('client', client, FROM_PRIMARY)
  if (isGlide(client) && hasCache(client)) throw new OptionError('client', client, FROM_SERVER)
  return (
    connecting(client, subscriber, isIoredis, ioredisDriver) ??
    connecting(client, subscriber, isNodeRedis, nodeRedisDriver) ??
    connecting(client, subscriber, isGlide, glideDriver)
  )
}

const FROM_PRIMARY = 'a GlideClient without "readFrom": a replica may still have what was changed'
const FROM_SERVER = 'a client of valkey-glide without "clientSideCache": that may still have what was changed'

function connecting<Client extends object>(
  client: object,
  subscriber: object | undefined,
  isOne: (given: object) => given is Client,
  connect: (client: Client, subscriber: Client | undefined) => RedisDriver,
): (() => RedisDriver) | undefined {
  if (!isOne(client)) return undefined
  if (subscriber === undefined) return () => connect(client, undefined)
  if (!isOne(subscriber)) throw new OptionError('subscriber', subscriber, 'a client of the same kind as "client"')
  return () => connect(client, subscriber)
}
