import type { LocalTier, NewRecord, SharedTier } from '@stampede/core'
import { SharedConnection } from '../../src/connection/shared-connection.ts'
import type { Settings } from '../../src/protocol/settings.ts'
import { CacheStore } from '../../src/cache-store.ts'
import { FakeDriver } from './fake-driver.ts'
import { ManualTiming, settled } from './manual-timing.ts'

const SETTINGS: Settings = {
  namespace: 'st',
  leaseTtl: 1_000,
  commandTimeout: 100,
  pollInterval: undefined,
  syncInterval: 1_000,
  degradedTtl: 5_000,
  maxDisconnected: Number.POSITIVE_INFINITY,
  maxEntryBytes: 1_000,
  record: { schema: '', signer: undefined },
  logLength: 100,
}

export const MADE: NewRecord = {
  body: 'body',
  meta: null,
  tags: ['t'],
  ttl: 60_000,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  duration: 1,
}

export interface FakeProcess {
  readonly driver: FakeDriver
  readonly timing: ManualTiming
  readonly fleet: SharedConnection
  readonly tier: SharedTier
  /** The calls of its memory, and its events. */
  readonly told: string[]
}

/** A process of a fleet whose server is a fake, and whose clock stands still. */
export function fakeProcess(settings: Partial<Settings> = {}, driver: FakeDriver = new FakeDriver()): FakeProcess {
  const timing = new ManualTiming()
  const fleet = new SharedConnection(driver, { ...SETTINGS, ...settings }, timing)
  const told: string[] = []
  const local = localTier('f', told)
  fleet.localCaches.add(local)
  fleet.start()
  return { driver, timing, fleet, told, tier: new CacheStore(fleet, local, () => fleet.close()) }
}

/** The same, with the server reached. */
export async function reachedProcess(settings: Partial<Settings> = {}, epoch = ''): Promise<FakeProcess> {
  const driver = new FakeDriver()
  driver.epoch = epoch
  const made = fakeProcess(settings, driver)
  await settled()
  return made
}

export function localTier(space: LocalTier['space'], told: string[]): LocalTier {
  return {
    space,
    drop: keys => void told.push(...keys.map(key => `key ${key}`)),
    dropTags: tags => void told.push(...tags.map(tag => `tag ${tag}`)),
    dropAll: () => void told.push('all'),
    emit: event => {
      if (event.type === 'breaker') told.push(`${event.state}: ${event.reason}`)
      else if (event.type === 'degrade') told.push(`degrade ${event.key}: ${event.reason}`)
      else told.push(event.flushed ? 'flushed' : 'resync')
    },
  }
}
