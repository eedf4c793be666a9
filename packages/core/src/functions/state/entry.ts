import { backOffFor } from '../../base/back-off.ts'
import { drawsFrom } from './early-refresh.ts'
import type { Settings } from './function-options.ts'
import { StoreEntry } from '../../store/store-entry.ts'

const NONE: readonly string[] = []
/** Larger numbers would be stored outside of the entry, at three times the memory. */
const LARGEST_SMALL = 2 ** 30 - 1

/**
 * The settings that an entry does not share with its instance. Most entries have none: everything follows from the
 * instance.
 */
export interface EntryOverrides {
  readonly settings: Settings
  readonly storedAt: number
  readonly freshUntil: number
  /** How long the fetch took, milliseconds. */
  readonly duration: number
  readonly bytes: number
  readonly tags: readonly string[]
  /** The entry is an error, cached for `errorTtl`. */
  readonly isFailure: boolean
  /** The version of its record in the shared store, if known. */
  readonly version?: string | undefined
}

interface Details extends EntryOverrides {
  /** No refresh is attempted before this moment. */
  retryAt: number | undefined
  /** Refreshes that failed in a row. */
  failures: number
}

/** The source of an entry: a flight, or the same of a value from outside. */
export interface Stored<Value> {
  readonly key: string
  readonly promise: Promise<Value>
  readonly settings: Settings
  /** The lease, which names the version of the record in the shared store. */
  readonly lease?: { readonly version: string } | undefined
}

/**
 * A stored value with the settled promise that a hit returns, so that a hit allocates nothing. The settings of the
 * instance, `common`, are passed in: a reference to them would cost every entry eight bytes.
 */
export class Entry<Value> extends StoreEntry {
  readonly value: Value
  readonly promise: Promise<Value>
  /** Before this moment a hit needs no check. */
  readonly calmUntil: number
  /** Computed, to save the memory of a field in every entry. */
  declare protected details?: Details

  /** An entry without overrides is fresh as long as it is calm. */
  constructor({ key, promise }: Pick<Stored<Value>, 'key' | 'promise'>, value: Value, calmUntil: number) {
    super(key)
    this.value = value
    this.promise = promise
    this.calmUntil = calmUntil
  }

  settings(common: Settings): Settings {
    return this.details?.settings ?? common
  }

  storedAt({ ttl }: Settings): number {
    return this.details?.storedAt ?? this.calmUntil - ttl
  }

  get freshUntil(): number {
    return this.details?.freshUntil ?? this.calmUntil
  }

  /** The end of the window in which it is returned while it is refreshed. */
  staleUntil(common: Settings): number {
    return this.freshUntil + (this.isFailure ? 0 : this.settings(common).staleWhileRevalidate)
  }

  /** The end of the window in which it is returned in place of a failure. */
  fallbackUntil(common: Settings): number {
    return this.freshUntil + (this.isFailure ? 0 : this.settings(common).staleIfError)
  }

  goneAt(common: Settings): number {
    return Math.max(this.staleUntil(common), this.fallbackUntil(common))
  }

  get bytes(): number {
    return this.details?.bytes ?? 0
  }

  get tags(): readonly string[] {
    return this.details?.tags ?? NONE
  }

  get duration(): number {
    return this.details?.duration ?? 0
  }

  get isFailure(): boolean {
    return this.details?.isFailure ?? false
  }

  /** The version of its record in the shared store, if known. */
  get version(): string | undefined {
    return this.details?.version
  }

  /** No refresh is attempted before this moment. */
  get retryAt(): number {
    return this.details?.retryAt ?? Number.NEGATIVE_INFINITY
  }

  /** A refresh failed: the next one waits, longer each time. */
  backOff(now: number, common: Settings): void {
    // Not a private method, which would cost every entry eight bytes.
    const details = this.details ?? detailsOf(plain(common, this.calmUntil))
    details.retryAt = now + backOffFor(details.failures)
    details.failures += 1
    this.details = details
  }
}

/** A class of its own, so that V8 reserves memory for the overrides in these entries alone. */
class PeculiarEntry<Value> extends Entry<Value> {
  protected override details: Details

  constructor(from: Stored<Value>, value: Value, own: EntryOverrides) {
    super(from, value, calmUntilOf(own))
    this.details = detailsOf(own)
  }
}

/**
 * @param freshUntil the end of `ttl`, counted from now
 * @param common the settings of the instance, which are those of the entry
 */
export function plainEntry<Value>(
  from: Stored<Value>,
  value: Value,
  freshUntil: number,
  common: Settings,
): Entry<Value> {
  const calmUntil = small(freshUntil, freshUntil - common.ttl)
  return calmUntil === freshUntil
    ? new Entry(from, value, freshUntil)
    : new PeculiarEntry(from, value, plain(common, freshUntil))
}

export function entryWithOverrides<Value>(from: Stored<Value>, value: Value, own: EntryOverrides): Entry<Value> {
  return new PeculiarEntry(from, value, own)
}

function detailsOf(own: EntryOverrides): Details {
  const { settings, storedAt, freshUntil, duration, bytes, tags, isFailure, version } = own
  // Each field by name: a spread takes several times as long.
  return { settings, storedAt, freshUntil, duration, bytes, tags, isFailure, version, retryAt: undefined, failures: 0 }
}

/** Derived from the settings and the end of the ttl. */
function plain(settings: Settings, freshUntil: number): EntryOverrides {
  return {
    settings,
    storedAt: freshUntil - settings.ttl,
    freshUntil,
    duration: 0,
    bytes: 0,
    tags: NONE,
    isFailure: false,
  }
}

function calmUntilOf({ settings, storedAt, freshUntil, duration, isFailure }: EntryOverrides): number {
  // A clock may start in the past.
  return isFailure ? Math.min(0, storedAt) : small(drawsFrom(freshUntil, settings.earlyRefresh, duration), storedAt)
}

/** After such an uptime, moments are large numbers. */
function small(moment: number, storedAt: number): number {
  return storedAt < LARGEST_SMALL ? Math.min(moment, LARGEST_SMALL) : moment
}
