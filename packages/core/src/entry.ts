import { drawsFrom } from './early-refresh.ts'
import type { Settings } from './function-options.ts'
import { StoreEntry } from './store-entry.ts'

const FIRST_BACK_OFF = 1_000
const LONGEST_BACK_OFF = 30_000
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

/** A stored value with the settled promise that a hit returns, so that a hit makes nothing new. */
export class Entry<Value> extends StoreEntry {
  readonly value: Value
  readonly promise: Promise<Value>
  /** Before this moment a hit needs no further thought. */
  calmUntil: number
  #about: Settings | Details

  constructor(value: Value, promise: Promise<Value>, key: string, peculiar: Peculiar) {
    super(key)
    this.value = value
    this.promise = promise
    const { settings, freshUntil, duration, isFailure } = peculiar
    const calm = drawsFrom(freshUntil, settings.earlyRefresh, duration)
    this.calmUntil = isFailure ? 0 : small(calm, peculiar.storedAt)
    this.#about = isPlain(peculiar, this.calmUntil) ? settings : { ...peculiar, retryAt: 0, failures: 0 }
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
    const { failures } = this.#details()
    this.#details().retryAt = now + Math.min(FIRST_BACK_OFF * 2 ** failures, LONGEST_BACK_OFF)
    this.#details().failures = failures + 1
  }

  #details(): Details {
    if ('settings' in this.#about) return this.#about
    const { settings, storedAt, freshUntil } = this
    const peculiar = { settings, storedAt, freshUntil, duration: 0, bytes: 0, tags: [], isFailure: false }
    this.#about = { ...peculiar, retryAt: 0, failures: 0 }
    return this.#about
  }
}

/** A process that is up for so long has no small moments any more. */
function small(moment: number, storedAt: number): number {
  return storedAt < LARGEST_SMALL ? Math.min(moment, LARGEST_SMALL) : moment
}

/** Whether all that is to be known follows from the settings and the moment until which it is calm. */
function isPlain({ settings, storedAt, freshUntil, bytes, tags, isFailure }: Peculiar, calmUntil: number): boolean {
  return (
    !isFailure && bytes === 0 && tags.length === 0 && calmUntil === freshUntil && storedAt + settings.ttl === freshUntil
  )
}
