import { LOCAL, type Reach, reachOf } from './reports.ts'
import type {
  Acquire,
  Committed,
  LocalTier,
  NewRecord,
  SharedLease,
  SharedRecord,
  SharedStore,
  SharedTier,
  SharedTurn,
} from './shared-store.ts'

const BROKEN: SharedTurn = { kind: 'local', reason: 'error' }

/** The tier that processes share, as one of them sees it: whatever a store does, trouble in it is a miss and an event. */
export class Fleet {
  readonly #tier: SharedTier
  readonly #report: (key: string, error: unknown) => void

  /** @param report told of what a store throws, which it should not */
  constructor(store: SharedStore, local: LocalTier, report: (key: string, error: unknown) => void) {
    this.#tier = store.join(local)
    this.#report = report
  }

  /** See {@link SharedTier}. */
  get degradedTtl(): number {
    return this.#tier.degradedTtl
  }

  read(key: string): Promise<SharedRecord | undefined> {
    const failed = (error: unknown): undefined => {
      this.#report(key, error)
    }
    try {
      return this.#tier.read(key).then(undefined, failed)
    } catch (error) {
      return Promise.resolve(failed(error))
    }
  }

  async acquire(key: string, asked: Acquire): Promise<SharedTurn> {
    try {
      return await this.#tier.acquire(key, asked)
    } catch (error) {
      this.#report(key, error)
      return BROKEN
    }
  }

  async commit(key: string, lease: SharedLease, made: NewRecord): Promise<Committed> {
    try {
      return await lease.commit(made)
    } catch (error) {
      this.#report(key, error)
      return 'unknown'
    }
  }

  set(key: string, made: NewRecord): Promise<Reach> {
    return this.#change(key, tier => tier.set(key, made))
  }

  allow(key: string): void {
    try {
      this.#tier.allow(key)
    } catch (error) {
      this.#report(key, error)
    }
  }

  invalidate(key: string): Promise<Reach> {
    return this.#change(key, tier => tier.invalidate([key]))
  }

  invalidateTags(tags: readonly string[]): Promise<Reach> {
    return tags.length === 0 ? LOCAL : this.#change('*', tier => tier.invalidateTags(tags))
  }

  clear(): Promise<Reach> {
    return this.#change('*', tier => tier.clear())
  }

  async close(): Promise<void> {
    try {
      await this.#tier.close()
    } catch (error) {
      this.#report('*', error)
    }
  }

  #change(key: string, change: (tier: SharedTier) => Promise<boolean>): Promise<Reach> {
    const changed = async (): Promise<boolean> => {
      try {
        return await change(this.#tier)
      } catch (error) {
        this.#report(key, error)
        return false
      }
    }
    return reachOf(changed())
  }
}
