import { OptionError } from '../base/errors.ts'

/**
 * Distinguishes the objects that one wrapped method is called on, by identity, since the method may read anything of
 * its object. The object that the function was put on does not count: `repo.find(1)` is `find(1)`. That is the first
 * object that has the function as a property of its own; a second such object, as with a mixin, counts by its identity
 * too.
 */
export class Receivers {
  /** The wrapped function. */
  method: unknown
  /** Weak references: a call keeps no object alive. */
  readonly #ids = new WeakMap<object, number>()
  #last = 0
  #hasHolder = false

  /** Whether any object counts. */
  get areNamed(): boolean {
    return this.#last > 0
  }

  /** A name for the object; `undefined` if it does not count. */
  nameOf(self: unknown): string | undefined {
    if (self === undefined || self === null) return undefined
    if (typeof self === 'object' || typeof self === 'function') {
      const id = this.#ids.get(self) ?? this.#identify(self)
      return id === 0 ? undefined : `${id}`
    }
    if (typeof self === 'symbol') {
      throw new OptionError('key', self, 'the place of this: a symbol makes no key by itself. Pass wrap(fn, { key })')
    }
    // Strings and numbers have no identity: equal ones are the same.
    this.#last = Math.max(this.#last, 1)
    return `${typeof self} ${self as string | number | bigint | boolean}`
  }

  #identify(self: object): number {
    const isHolder = !this.#hasHolder && this.#isHeldBy(self)
    if (isHolder) this.#hasHolder = true
    else this.#last += 1
    const id = isHolder ? 0 : this.#last
    this.#ids.set(self, id)
    return id
  }

  /** Whether the object has the property itself, without inheriting it. No getter runs. */
  #isHeldBy(self: object): boolean {
    return Reflect.ownKeys(self).some(name => Object.getOwnPropertyDescriptor(self, name)?.value === this.method)
  }
}
