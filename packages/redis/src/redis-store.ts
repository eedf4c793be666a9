import type { LocalTier, SharedStore, SharedTier } from '@stampede/core'
import { SharedConnection } from './connection/shared-connection.ts'
import { Outbox } from './changes/outbox.ts'
import { driverOf } from './clients/driver-of.ts'
import { type RedisStoreOptions, resolveStoreOptions } from './store-options.ts'
import { CacheStore } from './cache-store.ts'
import { runtimeTiming } from './base/timing.ts'

/**
 * A store over Redis or Valkey that processes share: one fetch per key over all of them.
 *
 * @throws {OptionError} for a wrong option, and for an unsupported client
 */
export function redisStore(options: RedisStoreOptions): SharedStore {
  const { settings, connect } = resolveStoreOptions(options, driverOf)
  return new RedisStore(outbox => new SharedConnection(connect(), settings, runtimeTiming, outbox))
}

/** Connected as long as a Stampede uses it. */
class RedisStore implements SharedStore {
  readonly #open: (outbox: Outbox) => SharedConnection
  /** Outlives the last user: a later user in this process must not read data from before its own changes. */
  readonly #outbox = new Outbox()
  #fleet: SharedConnection | undefined

  constructor(open: (outbox: Outbox) => SharedConnection) {
    this.#open = open
  }

  join(local: LocalTier): SharedTier {
    const fleet = this.#fleet ?? this.#open(this.#outbox)
    fleet.localCaches.add(local)
    if (this.#fleet === undefined) fleet.start()
    this.#fleet = fleet
    return new CacheStore(fleet, local, () => this.#leave(fleet, local))
  }

  async #leave(fleet: SharedConnection, local: LocalTier): Promise<void> {
    fleet.localCaches.remove(local)
    if (fleet.localCaches.size > 0) return
    this.#fleet = undefined
    await fleet.close()
  }
}
