import type { Space } from './change.ts'
import { nameOfFunction, nameOfResponse } from './keyspace.ts'

const MOST = 20_000
/** Maximum length of all remembered keys: clients choose how long keys are. */
const MOST_CHARACTERS = 4 * 1_048_576

/**
 * The names of a space's keys in the store, and their form for other processes: keys of responses are published as
 * digests.
 */
export interface KeyNames {
  /** The name of a key. */
  of(key: string): string
  /** A key as other processes get it. */
  published(key: string): string
  /** The name of a key that was published so. */
  nameOfPublished(published: string): string
  /** The keys of this process among those that were published. `undefined` if it may have forgotten one. */
  keysOf(published: readonly string[]): readonly string[] | undefined
}

/** Keys of functions hold no secrets. */
export const functionNames: KeyNames = {
  of: nameOfFunction,
  published: key => key,
  nameOfPublished: nameOfFunction,
  keysOf: published => published,
}

/** Keys of responses leave the process only as digests; it remembers the digests of its own keys. */
export class ResponseNames implements KeyNames {
  readonly #names = new Map<string, string>()
  readonly #keys = new Map<string, string>()
  #characters = 0
  #isForgetful = false

  get size(): number {
    return this.#keys.size
  }

  of(key: string): string {
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const name = nameOfResponse(key)
    this.#names.set(key, name)
    this.#keys.set(name, key)
    this.#characters += key.length
    this.#forgetOldest()
    return name
  }

  published(key: string): string {
    return this.of(key)
  }

  nameOfPublished(published: string): string {
    return published
  }

  keysOf(published: readonly string[]): readonly string[] | undefined {
    const keys: string[] = []
    for (const name of published) {
      const key = this.#keys.get(name)
      if (key !== undefined) keys.push(key)
      else if (this.#isForgetful) return undefined
    }
    return keys
  }

  #forgetOldest(): void {
    for (const [key, name] of this.#names) {
      if (this.#names.size <= MOST && this.#characters <= MOST_CHARACTERS) return
      this.#isForgetful = true
      this.#characters -= key.length
      this.#names.delete(key)
      this.#keys.delete(name)
    }
  }
}

export type NamesOfSpaces = Readonly<Record<Space, KeyNames>>
