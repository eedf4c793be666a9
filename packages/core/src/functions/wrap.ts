import type { Mode } from './lookup.ts'
import { OptionError, rejected } from '../base/errors.ts'
import type { CallOptions } from './state/function-options.ts'
import { Receivers } from './receivers.ts'
import type { ChangeResult } from '../fleet/change-result.ts'

/** Options of `wrap`: those of a call, plus the key. */
export interface WrapOptions<Args extends readonly unknown[], This = never> extends Omit<CallOptions, 'signal'> {
  /**
   * The key for these arguments, called with the `this` of the call. Default: from the arguments, where all are strings, numbers,
   * booleans, null or undefined, and from the object that the function is called on.
   */
  readonly key?: ((this: This, ...args: Args) => string) | undefined
}

/** The methods of a wrapped function. */
export interface WrapControls<Args extends readonly unknown[], Value> {
  /** Removes the result for these arguments, of all instances; loads in progress are not stored. */
  delete(...args: Args): Promise<ChangeResult>
  /** Runs the function even if its result is stored, or joins a load that is in progress. */
  refresh(...args: Args): Promise<Value>
}

/** A function whose results are shared and stored. */
export interface Wrapped<Args extends readonly unknown[], Value> extends WrapControls<Args, Value> {
  /** The shared or stored result for these arguments, as `get` gives it. */
  (...args: Args): Promise<Value>
  /** The function as a method of this instance, with a `delete` and a `refresh` for its results alone. */
  of(instance: unknown): ((...args: Args) => Promise<Value>) & WrapControls<Args, Value>
}

/** A wrapped asynchronous function. It has the type of the function, type parameters and `this` included. */
export type WrappedFunction<F extends (...args: never[]) => unknown> = F &
  WrapControls<Parameters<F>, Awaited<ReturnType<F>>> & {
    /** The function as a method of this instance, with a `delete` and a `refresh` for its results alone. */
    of(instance: unknown): OmitThisParameter<F> & WrapControls<Parameters<F>, Awaited<ReturnType<F>>>
  }

/** The `this` of `key`: that of the function, if it has one. */
export type KeyThis<F extends (...args: never[]) => unknown> =
  unknown extends ThisParameterType<F> ? never : ThisParameterType<F>

/** What a wrapped function needs of its cache. */
export interface WrapHost<T> {
  ask(key: string, fetch: () => T | PromiseLike<T>, options: CallOptions, mode: Mode): Promise<T>
  delete(key: string): Promise<ChangeResult>
  /** Removes the results of all instances: they have a tag for their arguments. */
  dropTag(tag: string): void
}

/** One wrapped function and its keys. */
export class Wrapping<Args extends readonly unknown[], T> {
  readonly #host: WrapHost<T>
  readonly #fn: (...args: Args) => T | PromiseLike<T>
  readonly #key: ((...args: Args) => string) | undefined
  readonly #call: CallOptions
  readonly #prefix: string
  readonly #receivers: Receivers

  /** @param prefix unique to this function */
  constructor(
    host: WrapHost<T>,
    fn: (...args: Args) => T | PromiseLike<T>,
    options: WrapOptions<Args>,
    prefix: string,
  ) {
    const { key, ...call } = options
    this.#host = host
    this.#fn = fn
    this.#key = key
    this.#call = call
    this.#prefix = prefix
    this.#receivers = new Receivers()
  }

  make(): Wrapped<Args, T> {
    const ask = (self: unknown, args: Args): Promise<T> => this.#ask('get', self, args)
    const wrapped = Object.assign(
      function (this: unknown, ...args: Args): Promise<T> {
        return ask(this, args)
      },
      {
        delete: (...args: Args) => this.#deleteAll(args),
        refresh: (...args: Args) => this.#refreshAll(args),
        of: (instance: unknown) =>
          Object.assign((...args: Args) => this.#ask('get', instance, args), {
            delete: (...args: Args) => this.#host.delete(this.#keyOf(instance, args).key),
            refresh: (...args: Args) => this.#ask('refresh', instance, args),
          }),
      },
    )
    this.#receivers.method = wrapped
    for (const name of ['name', 'length']) {
      const described = Object.getOwnPropertyDescriptor(this.#fn, name)
      if (described !== undefined) Object.defineProperty(wrapped, name, described)
    }
    return wrapped
  }

  #ask(mode: Mode, self: unknown, args: Args): Promise<T> {
    try {
      const { key, tag } = this.#keyOf(self, args)
      const call = tag === undefined ? this.#call : { ...this.#call, tags: [...(this.#call.tags ?? []), tag] }
      return this.#host.ask(key, () => Reflect.apply(this.#fn, self, args), call, mode)
    } catch (error) {
      return rejected(error)
    }
  }

  #keyOf(self: unknown, args: Args): { readonly key: string; readonly tag: string | undefined } {
    if (this.#key !== undefined) return { key: Reflect.apply(this.#key, self, args), tag: undefined }
    const common = keyOfArguments(this.#prefix, args)
    const receiver = this.#receivers.nameOf(self)
    // No part of an argument begins like that.
    return receiver === undefined
      ? { key: common, tag: undefined }
      : { key: `${common}this:${receiver}`, tag: tagOf(common) }
  }

  #deleteAll(args: Args): Promise<ChangeResult> {
    const { key } = this.#keyOf(undefined, args)
    this.#dropOfInstances(key)
    return this.#host.delete(key)
  }

  async #refreshAll(args: Args): Promise<T> {
    const value = await this.#ask('refresh', undefined, args)
    // No instance gives an older one from now on.
    this.#dropOfInstances(this.#keyOf(undefined, args).key)
    return value
  }

  #dropOfInstances(common: string): void {
    if (this.#receivers.areNamed) this.#host.dropTag(tagOf(common))
  }
}

function tagOf(common: string): string {
  return `instances of ${common}`
}

/** A key that is different for every list of arguments. */
export function keyOfArguments(prefix: string, args: readonly unknown[]): string {
  return prefix + args.map((argument, index) => part(argument, index)).join('')
}

function part(argument: unknown, index: number): string {
  if (typeof argument === 'string') return `s${argument.length}:${argument}`
  if (argument === null || ['number', 'boolean', 'undefined', 'bigint'].includes(typeof argument)) {
    return `${typeof argument}:${String(argument)};`
  }
  throw new OptionError(
    'key',
    argument,
    `the place of argument ${index + 1}: only strings, numbers, booleans, null and undefined make a key by themselves. Pass wrap(fn, { key: (...args) => string })`,
  )
}
