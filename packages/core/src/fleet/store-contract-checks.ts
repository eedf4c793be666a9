import { OptionError } from '../base/errors.ts'
import { isDuration, isTags, type OptionRule } from '../base/option-rules.ts'
import type { Committed, Each, SharedRecord, SharedStore, SharedTier, AcquireResult } from './shared-store.ts'

/** The functions of a tier. */
const CALLS = ['read', 'acquire', 'allow', 'set', 'invalidate', 'invalidateTags', 'clear', 'close']
const SETTLING = ['commit', 'fail', 'pass', 'release']
const OTHER_TURNS: readonly unknown[] = ['fail', 'busy', 'local'] satisfies AcquireResult['kind'][]
const EACH: readonly unknown[] = ['caller', 'process'] satisfies Each[]
const COMMITTED: readonly unknown[] = ['stored', 'fenced', 'unshared', 'unknown'] satisfies Committed[]

/** A shared store, or none. */
export function storeRule(): OptionRule<SharedStore | undefined> {
  return {
    takes: 'a shared store: an object with join(), such as redisStore() of @stampede/redis makes',
    default: undefined,
    accepts: value =>
      typeof value === 'object' && value !== null && 'join' in value && typeof value.join === 'function',
  }
}

/** @throws {OptionError} for an object without these functions */
export function checkedTier(given: SharedTier): SharedTier {
  if (has(given, CALLS)) return given
  throw new OptionError('store', given, `a shared store: its join() gives an object with ${CALLS.join('(), ')}()`)
}

/**
 * A copy of the record, because its getters might return something else next time. @throws {TypeError} for anything
 * but a record
 */
export function checkedRecord(given: SharedRecord): SharedRecord {
  const { version, body, meta, tags, age, ttl, staleWhileRevalidate, staleIfError, duration } = given
  const isRecord =
    typeof version === 'string' &&
    // A Uint8Array of another realm fails `instanceof`.
    Object.prototype.toString.call(body) === '[object Uint8Array]' &&
    isTags(tags) &&
    [age, staleWhileRevalidate, staleIfError, duration].every(isDuration) &&
    Number.isFinite(age) &&
    typeof ttl === 'number' &&
    !Number.isNaN(ttl) &&
    has(given, ['isFor'])
  if (!isRecord) throw nonsense('record')
  const isFor = (key: string): boolean => given.isFor(key)
  return { version, body, meta, tags, age, ttl, staleWhileRevalidate, staleIfError, duration, isFor }
}

/** @throws {TypeError} for anything but a result of `acquire` */
export function checkedAcquireResult(given: AcquireResult): AcquireResult {
  if (given.kind === 'hit') return { ...given, record: checkedRecord(given.record) }
  if (!isTurn(given)) throw nonsense('turn')
  return given
}

function isTurn(given: Exclude<AcquireResult, { readonly kind: 'hit' }>): boolean {
  if (given.kind === 'lead') return has(given.lease, SETTLING) && typeof given.lease.version === 'string'
  return given.kind === 'pass' ? EACH.includes(given.each) : OTHER_TURNS.includes(given.kind)
}

/** @throws {TypeError} for anything but the outcome of a commit */
export function checkedCommit(given: Committed): Committed {
  if (!COMMITTED.includes(given)) throw nonsense('answer to a commit')
  return given
}

/** @throws {TypeError} for anything but true or false */
export function checkedChange(given: boolean): boolean {
  if (typeof given !== 'boolean') throw nonsense('answer to a change')
  return given
}

/** @throws {TypeError} for anything but a duration */
export function checkedDuration(given: number): number {
  if (!isDuration(given)) throw nonsense('duration')
  return given
}

function has(given: unknown, calls: readonly string[]): boolean {
  if (typeof given !== 'object' || given === null) return false
  const members = given as Readonly<Record<string, unknown>>
  return calls.every(call => typeof members[call] === 'function')
}

function nonsense(what: string): TypeError {
  return new TypeError(`stampede: the shared store broke its contract: what it gave is no ${what}`)
}
