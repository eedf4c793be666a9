import type { RedisPort } from '../port.ts'
import { ioredisPort, isIoredis } from './ioredis.ts'

/** How a client of one of the known kinds is used; undefined for any other. */
export function portOf(client: object, subscriber: object | undefined): (() => RedisPort) | undefined {
  if (isIoredis(client)) {
    if (subscriber !== undefined && !isIoredis(subscriber)) return undefined
    return () => ioredisPort(client, subscriber)
  }
  return undefined
}
