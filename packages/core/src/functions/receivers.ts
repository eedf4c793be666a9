import { OptionError } from '../base/errors.ts'

/**
 * What tells apart the objects that one wrapped function is called on: their identity, since the function may read anything of
 * them. The object that the function was put on counts for nothing: `repo.find(1)` is `find(1)`. That is the first object that has
 * it as a property of its own; a second one, such as another instance with the same mixin, counts by its identity too.
 */
export class Receivers {
  /** The wrapped function itself. */
  method: unknown
  /** Held weakly: no instance lives on for having been called. */
  readonly #ids = new WeakMap<object, number>()
  #last = 0
  #hasHolder = false

  /** Whether any object counts. */
  get areNamed(): boolean {
    return this.#last > 0
  }

  /** A name for the object; `undefined` where it does not count. */
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

  /** Whether it is a property of the object itself, not one that it inherits. No getter is run. */
  #isHeldBy(self: object): boolean {
    return Reflect.ownKeys(self).some(name => Object.getOwnPropertyDescriptor(self, name)?.value === this.method)
  }
}
