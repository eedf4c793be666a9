import type { Space } from './change.ts'
import { nameOfFunction, nameOfResponse } from './keyspace.ts'

const MOST = 20_000
/** Characters of the keys that are remembered: a client chooses how long they are. */
const MOST_CHARACTERS = 4 * 1_048_576

/** The names of a space's keys in the store, and how keys are told to other processes: those of responses by their names. */
export interface KeyNames {
  /** The name of a key. */
  of(key: string): string
  /** How others are told of a key. */
  told(key: string): string
  /** The name of a key that is told of so. */
  ofTold(told: string): string
  /**
   * The keys that were told of, as far as this process has met them: others it cannot have in memory. Undefined where it
   * may have forgotten one.
   */
  keysOf(told: readonly string[]): readonly string[] | undefined
}

/** Keys of functions hold no secrets. */
export const functionNames: KeyNames = {
  of: nameOfFunction,
  told: key => key,
  ofTold: nameOfFunction,
  keysOf: told => told,
}

/** Keys of responses leave the process as digests alone; which of its keys has which, it remembers. */
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

  told(key: string): string {
    return this.of(key)
  }

  ofTold(told: string): string {
    return told
  }

  keysOf(told: readonly string[]): readonly string[] | undefined {
    const keys: string[] = []
    for (const name of told) {
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
