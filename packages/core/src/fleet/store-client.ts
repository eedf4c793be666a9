import { type FullClock, within } from '../base/clock.ts'
import { LOCAL_RESULT, type ChangeResult, changeResultOf } from './change-result.ts'
import {
  checkedChange,
  checkedCommit,
  checkedDuration,
  checkedRecord,
  checkedTier,
  checkedAcquireResult,
} from './store-contract-checks.ts'
import type {
  Acquire,
  Committed,
  LocalTier,
  NewRecord,
  SharedLease,
  SharedRecord,
  SharedStore,
  SharedTier,
  AcquireResult,
} from './shared-store.ts'

const BROKEN: AcquireResult = { kind: 'local', reason: 'error' }
/** How long a store may take for anything but leases and reads, milliseconds. */
export const STORE_TIMEOUT = 30_000

/**
 * A shared store, as one process uses it. Any trouble in the store is a miss and an event, and a reply that breaks the
 * contract is discarded.
 */
export class StoreClient {
  readonly #tier: SharedTier
  readonly #clock: FullClock
  readonly #report: (key: string, error: unknown) => void

  /**
   * @param report receives errors of the store, and breaches of its contract
   * @throws {OptionError} for a store whose `join` returns no tier
   */
  constructor(store: SharedStore, local: LocalTier, clock: FullClock, report: (key: string, error: unknown) => void) {
    this.#tier = checkedTier(store.join(local))
    this.#clock = clock
    this.#report = report
  }

  /** See {@link SharedTier}. */
  get degradedTtl(): number {
    try {
      return checkedDuration(this.#tier.degradedTtl)
    } catch (error) {
      this.#report('*', error)
      return 0
    }
  }

  read(key: string): Promise<SharedRecord | undefined> {
    const failed = (error: unknown): undefined => {
      this.#report(key, error)
    }
    const given = (record: SharedRecord | undefined): SharedRecord | undefined => {
      if (record === undefined) return undefined
      try {
        return checkedRecord(record)
      } catch (error) {
        return failed(error)
      }
    }
    // Not an async function: the read is most of the cost of a shared hit.
    try {
      return Promise.resolve(this.#tier.read(key)).then(given, failed)
    } catch (error) {
      return Promise.resolve(failed(error))
    }
  }

  acquire(key: string, asked: Acquire): Promise<AcquireResult> {
    return this.#contained(
      key,
      () => this.#tier.acquire(key, asked),
      BROKEN,
      given => {
        const turn = checkedAcquireResult(given)
        return turn.kind === 'lead' ? { kind: turn.kind, lease: this.#contain(key, turn.lease) } : turn
      },
    )
  }

  /** @param ms how long the store may take: it must not hold a flight forever */
  commit(lease: SharedLease, made: NewRecord, ms: number): Promise<Committed> {
    return within(this.#clock, lease.commit(made), 'unknown', Math.min(ms, STORE_TIMEOUT))
  }

  set(key: string, made: NewRecord): Promise<ChangeResult> {
    return this.#change(key, tier => tier.set(key, made))
  }

  allow(key: string): void {
    void this.#contained(key, () => this.#tier.allow(key), undefined)
  }

  invalidate(key: string): Promise<ChangeResult> {
    return this.#change(key, tier => tier.invalidate([key]))
  }

  invalidateTags(tags: readonly string[]): Promise<ChangeResult> {
    return tags.length === 0 ? LOCAL_RESULT : this.#change('*', tier => tier.invalidateTags(tags))
  }

  clear(): Promise<ChangeResult> {
    return this.#change('*', tier => tier.clear())
  }

  close(): Promise<void> {
    const closed = this.#contained('*', () => this.#tier.close(), undefined)
    return within(this.#clock, closed, undefined, STORE_TIMEOUT)
  }

  #change(key: string, change: (tier: SharedTier) => Promise<boolean>): Promise<ChangeResult> {
    const changed = this.#contained(key, () => change(this.#tier), false, checkedChange)
    return changeResultOf(within(this.#clock, changed, false, STORE_TIMEOUT))
  }

  /** A lease whose store is in trouble expires. */
  #contain(key: string, lease: SharedLease): SharedLease {
    const settle = (act: () => void): void => void this.#contained(key, act, undefined)
    return {
      version: lease.version,
      commit: made => this.#contained(key, () => lease.commit(made), 'unknown', checkedCommit),
      fail: error => settle(() => lease.fail(error)),
      pass: (ms, each) => settle(() => lease.pass(ms, each)),
      release: () => settle(() => lease.release()),
    }
  }

  async #contained<T, Otherwise>(
    key: string,
    act: () => T | PromiseLike<T>,
    otherwise: Otherwise,
    checked?: (given: T) => T,
  ): Promise<T | Otherwise> {
    try {
      const given = await act()
      return checked === undefined ? otherwise : checked(given)
    } catch (error) {
      this.#report(key, error)
      return otherwise
    }
  }
}
