import { type CallOptions, Stampede } from '@stampede/core'
import { redisStore } from '@stampede/redis'
import { type Setting, type Subject, TTL, tagsOf } from '../contender.ts'
import { connected } from './connected.ts'

export async function stampedeOver(setting: Setting, lease: number): Promise<Subject> {
  const client = await connected(setting)
  return subjectOf(setting, redisStore({ client, leaseTtl: lease }), () => client.disconnect())
}

export function stampedeAlone(setting: Setting): Subject {
  return subjectOf(setting, undefined, () => {})
}

function subjectOf(
  { entries }: Setting,
  store: ReturnType<typeof redisStore> | undefined,
  disconnect: () => void,
): Subject {
  const cache = new Stampede<string>({ ttl: TTL, maxEntries: entries, store })
  return {
    get: (key, load) => cache.get(key, load, withTags(key)),
    invalidate: key => cache.delete(key),
    invalidateTag: tag => cache.invalidateTags(tag),
    async close() {
      await cache.close()
      disconnect()
    },
  }
}

function withTags(key: string): CallOptions | undefined {
  const tags = tagsOf(key)
  return tags.length > 0 ? { tags } : undefined
}
