import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { Model } from './model.ts'
import type { Caller, Ending, Mode, Run, Terms } from './model-parts.ts'
import type { Real } from './model-real.ts'

const KEYS = ['a', 'b', 'c'] as const
const TAGS = ['t', 'u'] as const

type Command = fc.AsyncCommand<Model, Real>

interface Step {
  readonly shown: string
  /** Left out: always. */
  readonly check?: (model: Model) => boolean
  /** Does the same to both. */
  readonly run: (model: Model, real: Real) => void | Promise<void>
}

/** A command after which the cache must look as the model does. */
function command({ shown, check, run }: Step): Command {
  return {
    check: model => check?.(model as Model) ?? true,
    run: async (model, real) => {
      await run(model, real)
      await real.settled()
      compare(model, real)
    },
    toString: () => shown,
  }
}

/** All that can be seen of the cache from outside. */
function compare(model: Model, real: Real): void {
  expect(real.runs.map(({ keys }) => keys)).toEqual(model.runs.map(({ flights }) => flights.map(({ key }) => key)))
  for (const [place, run] of model.runs.entries()) {
    const seen = real.runs[place]
    expect(seen?.stale).toEqual(run.flights.map(({ replaced }) => replaced?.answer))
    expect(seen?.signal.aborted).toBe(run.flights.every(flight => flight.isAborted))
  }
  for (const [place, caller] of model.callers.entries()) {
    const answer = real.calls[place]?.answer
    if (caller.answers.size === 0) expect(answer).toBeUndefined()
    else expect([...caller.answers]).toContain(answer)
  }
  const { entries, ...stats } = real.cache.stats()
  expect(stats).toEqual({ ...model.counts, flights: model.current.size, evictions: 0, bytes: 0 })
  expect(entries).toBeLessThanOrEqual(model.kept.size)
  expect(entries).toBeGreaterThanOrEqual(KEYS.filter(key => model.live(key) !== undefined).length)
  for (const key of KEYS) expect(real.cache.peek(key)).toEqual(peeked(model, key))
}

function peeked(model: Model, key: string): unknown {
  const kept = model.live(key)
  if (kept === undefined || kept.isFailure) return undefined
  const state = model.now < kept.freshUntil ? 'fresh' : 'stale'
  return { value: kept.answer, state, age: model.now - kept.storedAt, ttl: kept.freshUntil - model.now }
}

async function goTo(model: Model, real: Real, moment: number): Promise<void> {
  // One edge after the other: what happens at each is to be over before the next one.
  const stops = model.edges.filter(edge => edge > model.now && edge < moment)
  for (const stop of [...stops, moment]) {
    real.clock.advance(stop - real.clock.now())
    model.goTo(stop)
    await real.settled()
  }
}

/** Times out every fetch in progress. */
export async function endAll(model: Model, real: Real): Promise<void> {
  await goTo(model, real, model.now + 100_000)
  compare(model, real)
  expect(real.calls.filter(call => call.answer === undefined)).toEqual([])
  expect(real.cache.stats().flights).toBe(0)
  await real.close()
  expect(real.clock.pending).toBe(0)
  expect(real.rejections).toEqual([])
}

const key = fc.constantFrom(...KEYS)
const tags = fc.subarray([...TAGS], { minLength: 1 })
const ttl = fc.constantFrom(0, 1_000, 3_000)

/** What is given to one call; mostly nothing. */
const own: fc.Arbitrary<Partial<Terms>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ tags }) },
  fc.record({ ttl }),
  fc.record({ timeout: fc.constantFrom(500, 4_000) }),
  fc.record({ tags, errorTtl: fc.constantFrom(0, 700) }),
  fc.record({ staleWhileRevalidate: ttl, staleIfError: ttl }),
)

const mayLeave = fc.boolean()

const asks = fc
  .record({ key, mode: fc.constantFrom<Mode>('get', 'get', 'getFresh', 'refresh'), own, mayLeave })
  .map(({ key: of, mode, own: given, mayLeave: leaves }) =>
    command({
      shown: `${mode}(${of}, ${JSON.stringify(given)}${leaves ? ', signal' : ''})`,
      run: (...both) => both.forEach(one => one.ask(of, mode, given, leaves)),
    }),
  )

const asksMany = fc
  .record({ keys: fc.shuffledSubarray([...KEYS], { minLength: 1 }), own, mayLeave })
  .map(({ keys, own: given, mayLeave: leaves }) =>
    command({
      shown: `getMany(${keys.join()}, ${JSON.stringify(given)}${leaves ? ', signal' : ''})`,
      run: (...both) => both.forEach(one => one.askMany(keys, given, leaves)),
    }),
  )

const setOwn: fc.Arbitrary<Partial<Terms>> = fc.oneof(
  fc.constant({}),
  fc.record({ tags }),
  fc.record({ ttl, staleIfError: ttl }),
)

const sets = fc.record({ key, own: setOwn }).map(({ key: of, own: given }) =>
  command({
    shown: `set(${of}, ${JSON.stringify(given)})`,
    run: async (model, real) => {
      const value = `set at ${model.now}`
      model.set(of, value, given)
      await real.cache.set(of, value, given)
    },
  }),
)

const deletes = key.map(of =>
  command({
    shown: `delete(${of})`,
    run: async (model, real) => {
      model.delete(of)
      await real.cache.delete(of)
    },
  }),
)

const clears = fc.constant(
  command({
    shown: 'clear()',
    run: async (model, real) => {
      model.clear()
      await real.cache.clear()
    },
  }),
)

const closes = fc.constant(
  command({
    shown: 'close()',
    // Mostly late: little happens to a cache that is closed.
    check: model => model.callers.length > 6,
    run: async (model, real) => {
      model.close()
      await real.cache.close()
    },
  }),
)

const invalidates = tags.map(some =>
  command({
    shown: `invalidateTags(${some.join()})`,
    // An expired entry keeps its tags until it is swept, at an unspecified time.
    check: model => KEYS.every(of => !model.current.has(of) || !model.kept.has(of) || model.live(of) !== undefined),
    run: async (model, real) => {
      model.invalidate(some)
      await real.cache.invalidateTags(...some)
    },
  }),
)

const waits = fc
  .integer({ min: 1, max: 5_000 })
  .map(ms => command({ shown: `advance(${ms})`, run: (model, real) => goTo(model, real, model.now + ms) }))

const waitsForEdge = fc.record({ place: fc.nat({ max: 3 }), off: fc.constantFrom(-1, 0, 1) }).map(({ place, off }) => {
  const momentOf = (model: Model): number => (model.edges.filter(edge => edge > model.now)[place] ?? 0) + off
  return command({
    shown: `advanceToEdge(${place}, ${off})`,
    check: model => momentOf(model) > model.now && Number.isFinite(momentOf(model)),
    run: (model, real) => goTo(model, real, momentOf(model)),
  })
})

const ending: fc.Arbitrary<Ending> = fc.record({
  fails: fc.constantFrom(false, false, true),
  leavesOut: fc.constantFrom(undefined, undefined, 0, 1),
  ttl: fc.constantFrom(undefined, undefined, 0, 1_500),
  tags: fc.oneof(fc.constant([]), tags),
  noStore: fc.constantFrom(false, false, false, true),
})

const ends = fc.record({ isNewest: fc.boolean(), how: ending }).map(({ isNewest, how }) => {
  const openOf = (model: Model): readonly Run[] => model.runs.filter(run => !run.isOver)
  return command({
    shown: `end(${isNewest ? 'newest' : 'oldest'}, ${JSON.stringify(how)})`,
    check: model => openOf(model).length > 0,
    run: (model, real) => {
      const run = openOf(model).at(isNewest ? -1 : 0)
      const id = run === undefined ? -1 : model.runs.indexOf(run)
      const isMany = (real.runs[id]?.keys.length ?? 0) > 1
      const ended = isMany ? how : { ...how, leavesOut: undefined }
      if (run !== undefined) model.end(run, ended, id)
      real.runs[id]?.end(ended, id)
    },
  })
})

const leaves = fc.nat({ max: 3 }).map(place => {
  const leaverOf = (model: Model): Caller | undefined =>
    model.callers.filter(({ mayLeave: may, answers }) => may && answers.size === 0)[place]
  return command({
    shown: `leave(${place})`,
    check: model => leaverOf(model) !== undefined,
    run: (model, real) => {
      const caller = leaverOf(model)
      if (caller === undefined) return
      const id = model.callers.indexOf(caller)
      model.leave(caller, `left:${id}`)
      real.calls[id]?.controller?.abort(`left:${id}`)
    },
  })
})

/** Whatever can be done to a cache, the likelier the more comes of it. */
export const commands: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    asks,
    asks,
    asks,
    asksMany,
    asksMany,
    sets,
    sets,
    deletes,
    clears,
    closes,
    invalidates,
    waits,
    waitsForEdge,
    waitsForEdge,
    ends,
    ends,
    ends,
    leaves,
    leaves,
  ],
  { maxCommands: 40, size: 'max' },
)
