import type { Space } from './change.ts'
import { nameOfFunction, nameOfResponse } from './names.ts'

const MOST = 20_000

/** The names of a space's keys in the store, and the keys of those names that cannot be read back. */
export class KeyNames {
  readonly #nameOf: (key: string) => string
  readonly #names = new Map<string, string>()
  readonly #keys = new Map<string, string>()
  #isForgetful = false

  constructor(space: Space) {
    this.#nameOf = space === 'f' ? nameOfFunction : nameOfResponse
  }

  get size(): number {
    return this.#keys.size
  }

  of(key: string): string {
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const name = this.#nameOf(key)
    if (isDigest(name)) this.#remember(key, name)
    return name
  }

  /**
   * The keys of these names, as far as this process met them; undefined where it may have forgotten one. A name that it
   * never met is of no key that it has.
   */
  keysOf(names: readonly string[]): readonly string[] | undefined {
    const keys: string[] = []
    for (const name of names) {
      const key = isDigest(name) ? this.#keys.get(name) : name.slice(2)
      if (key !== undefined) keys.push(key)
      else if (this.#isForgetful) return undefined
    }
    return keys
  }

  #remember(key: string, name: string): void {
    this.#names.set(key, name)
    this.#keys.set(name, key)
    if (this.#names.size <= MOST) return
    this.#isForgetful = true
    for (const [oldest, itsName] of this.#names) {
      this.#names.delete(oldest)
      this.#keys.delete(itsName)
      return
    }
  }
}

function isDigest(name: string): boolean {
  return name[2] === '#'
}
