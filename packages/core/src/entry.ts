import { backOffFor } from './back-off.ts'
import { drawsFrom } from './early-refresh.ts'
import type { Settings } from './function-options.ts'
import { StoreEntry } from './store-entry.ts'

/** Larger numbers are kept outside of the entry, at three times the memory. */
const LARGEST_SMALL = 2 ** 30 - 1

/** What is peculiar to an entry. Most have nothing that is, and share the settings by which they were stored. */
export interface Peculiar {
  readonly settings: Settings
  readonly storedAt: number
  readonly freshUntil: number
  /** How long the fetch took, milliseconds. */
  readonly duration: number
  readonly bytes: number
  readonly tags: readonly string[]
  /** The entry is a failure that is kept for `errorTtl`. */
  readonly isFailure: boolean
}

interface Details extends Peculiar {
  /** Before this moment no refresh is tried again. */
  retryAt: number
  /** Refreshes that failed in a row. */
  failures: number
}

/** What an entry is stored by: a flight, or the same of a value from outside. */
export interface Stored<Value> {
  readonly key: string
  readonly promise: Promise<Value>
  readonly settings: Settings
}

/** A stored value with the settled promise that a hit returns, so that a hit makes nothing new. */
export class Entry<Value> extends StoreEntry {
  readonly value: Value
  readonly promise: Promise<Value>
  /** Before this moment a hit needs no further thought. */
  calmUntil: number
  #about: Settings | Details

  /**
   * @param from what it was stored by; most entries have nothing of their own beside it
   * @param freshUntil the end of `ttl`, counted from now, where `own` says nothing else
   */
  constructor(from: Stored<Value>, value: Value, freshUntil: number, own?: Peculiar) {
    super(from.key)
    this.value = value
    this.promise = from.promise
    this.calmUntil = own === undefined ? small(freshUntil, freshUntil - from.settings.ttl) : calmUntilOf(own)
    const isPlain = own === undefined && this.calmUntil === freshUntil
    this.#about = isPlain ? from.settings : detailsOf(own ?? plain(from.settings, freshUntil))
  }

  get settings(): Settings {
    return 'settings' in this.#about ? this.#about.settings : this.#about
  }

  get storedAt(): number {
    return 'settings' in this.#about ? this.#about.storedAt : this.calmUntil - this.#about.ttl
  }

  get freshUntil(): number {
    return 'settings' in this.#about ? this.#about.freshUntil : this.calmUntil
  }

  /** Until then it may be given while it is refreshed. */
  get staleUntil(): number {
    return this.freshUntil + (this.isFailure ? 0 : this.settings.staleWhileRevalidate)
  }

  /** Until then it may be given in the place of a failure. */
  get fallbackUntil(): number {
    return this.freshUntil + (this.isFailure ? 0 : this.settings.staleIfError)
  }

  get goneAt(): number {
    return Math.max(this.staleUntil, this.fallbackUntil)
  }

  get bytes(): number {
    return 'settings' in this.#about ? this.#about.bytes : 0
  }

  get tags(): readonly string[] {
    return 'settings' in this.#about ? this.#about.tags : []
  }

  get duration(): number {
    return 'settings' in this.#about ? this.#about.duration : 0
  }

  get isFailure(): boolean {
    return 'settings' in this.#about && this.#about.isFailure
  }

  /** Before this moment no refresh is tried again. */
  get retryAt(): number {
    return 'settings' in this.#about ? this.#about.retryAt : 0
  }

  /** A refresh failed: the next one waits, each time longer. */
  backOff(now: number): void {
    // Not a private method: it would cost every entry eight bytes.
    const details = 'settings' in this.#about ? this.#about : detailsOf(plain(this.#about, this.calmUntil))
    details.retryAt = now + backOffFor(details.failures)
    details.failures += 1
    this.#about = details
  }
}

function detailsOf(own: Peculiar): Details {
  return { ...own, retryAt: 0, failures: 0 }
}

/** What follows from the settings and the end of the ttl. */
function plain(settings: Settings, freshUntil: number): Peculiar {
  return {
    settings,
    storedAt: freshUntil - settings.ttl,
    freshUntil,
    duration: 0,
    bytes: 0,
    tags: [],
    isFailure: false,
  }
}

function calmUntilOf({ settings, storedAt, freshUntil, duration, isFailure }: Peculiar): number {
  return isFailure ? 0 : small(drawsFrom(freshUntil, settings.earlyRefresh, duration), storedAt)
}

/** A process that is up for so long has no small moments any more. */
function small(moment: number, storedAt: number): number {
  return storedAt < LARGEST_SMALL ? Math.min(moment, LARGEST_SMALL) : moment
}
