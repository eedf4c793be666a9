import type { RedisPort } from '../port.ts'
import { glidePort, isGlide } from './glide.ts'
import { ioredisPort, isIoredis } from './ioredis.ts'
import { isNodeRedis, nodeRedisPort } from './node-redis.ts'

/** How a client of one of the known kinds is used; undefined for any other, and for a subscriber of another kind. */
export function portOf(client: object, subscriber: object | undefined): (() => RedisPort) | undefined {
  return (
    connecting(client, subscriber, isIoredis, ioredisPort) ??
    connecting(client, subscriber, isNodeRedis, nodeRedisPort) ??
    connecting(client, subscriber, isGlide, glidePort)
  )
}

function connecting<Client extends object>(
  client: object,
  subscriber: object | undefined,
  isOne: (given: object) => given is Client,
  connect: (client: Client, subscriber: Client | undefined) => RedisPort,
): (() => RedisPort) | undefined {
  if (!isOne(client)) return undefined
  if (subscriber === undefined) return () => connect(client, undefined)
  return isOne(subscriber) ? () => connect(client, subscriber) : undefined
}
