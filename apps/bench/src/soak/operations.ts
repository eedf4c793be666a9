import type { Random } from '../random.ts'
import type { Callers } from './callers.ts'
import type { Gates } from './gates.ts'
import type { Subject } from './subject.ts'
import { CallerLeft, FetchFailure, type Value, valueOf } from './value.ts'

/** All that an operation has to do with. */
export interface Soaked extends Subject {
  readonly callers: Callers
  readonly gates: Gates
  readonly keys: readonly string[]
  readonly next: Random
}

type Operation = (soaked: Soaked, key: string) => void

interface Context {
  readonly key: string
  readonly signal: AbortSignal
}

const prompt = async ({ key }: Context): Promise<Value> => valueOf(key)
const failing = async ({ key }: Context): Promise<Value> => Promise.reject(new FetchFailure(key))
const throwing = ({ key }: Context): Value => {
  throw new FetchFailure(key)
}
const BATCH = 8

const get: Operation = ({ cache, callers }, key) => callers.expect(key, cache.get(key, prompt))

const getTagged: Operation = ({ cache, callers, more }, key) => callers.expect(key, cache.get(key, prompt, more))

const getWithLongSignal: Operation = ({ cache, callers }, key) =>
  callers.expect(key, cache.get(key, prompt, { signal: callers.longLived }))

const getSlowWithLongSignal: Operation = ({ cache, callers, gates }, key) =>
  callers.expect(
    key,
    cache.get(key, () => gates.wait(key, undefined), { signal: callers.longLived }),
  )

const getAborted: Operation = ({ cache, callers }, key) =>
  callers.expect(key, cache.get(key, prompt, { signal: AbortSignal.abort(new CallerLeft()) }))

const getAndLeave: Operation = ({ cache, callers, gates }, key) =>
  callers.expect(
    key,
    cache.get(key, ({ signal }) => gates.wait(key, signal), { signal: callers.leaver() }),
  )

const getFailing: Operation = ({ cache, callers }, key) => callers.expect(key, cache.get(key, failing))

const getThrowing: Operation = ({ cache, callers }, key) => callers.expect(key, cache.get(key, throwing))

const getSlow: Operation = ({ cache, callers, gates }, key) =>
  callers.expect(
    key,
    cache.get(key, ({ signal }) => gates.wait(key, signal)),
  )

/** So soon stale that a later call refreshes it behind. */
const getSoonStale: Operation = ({ cache, callers, next }, key) =>
  callers.expect(key, cache.get(key, next() < 0.5 ? prompt : failing, { ttl: 1, staleWhileRevalidate: 1_000 }))

const set: Operation = ({ cache, more }, key) => void cache.set(key, valueOf(key), more)

const remove: Operation = ({ cache }, key) => void cache.delete(key)

const clear: Operation = ({ cache }) => void cache.clear()

const invalidate: Operation = ({ later, next }) => void later.invalidateTags?.(next() < 0.1 ? 'all' : 'none')

const getMany: Operation = ({ later, callers, keys, next }, key) => {
  if (typeof later.getMany !== 'function') return
  const first = Math.floor(next() * (keys.length - BATCH))
  const batch = [key, ...keys.slice(first, first + BATCH)]
  const answers = later.getMany(batch, async missing => new Map(missing.map(each => [each, valueOf(each)])))
  callers.expect(
    key,
    answers.then(values => values.get(key) ?? valueOf('nothing')),
  )
}

/** Each operation, and how often it comes among the others. */
export const operations: readonly (readonly [weight: number, operation: Operation])[] = [
  [500, get],
  [100, getTagged],
  [60, getWithLongSignal],
  [20, getSlowWithLongSignal],
  [20, getAborted],
  [40, getAndLeave],
  [40, getFailing],
  [10, getThrowing],
  [50, getSlow],
  [60, getSoonStale],
  [50, set],
  [30, remove],
  [0.1, clear],
  [1, invalidate],
  [10, getMany],
]
