import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ending, Mode, Terms } from './model-parts.ts'
import { Real } from './model-real.ts'
import { runs, seed } from '../../support/seeds.ts'

const base: Terms = {
  ttl: 2_000,
  staleWhileRevalidate: 1_000,
  staleIfError: 2_000,
  errorTtl: 500,
  timeout: 1_000_000,
  tags: [],
}

const ending: Ending = { fails: false, leavesOut: undefined, ttl: undefined, tags: [], noStore: false }

const step = fc.oneof(
  fc.record({
    what: fc.constantFrom<Mode>('get', 'get', 'getFresh', 'refresh'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  }),
  fc.record({ what: fc.constant('getMany'), keys: fc.subarray(['a', 'b', 'c', 'd', 'e'], { minLength: 1 }) }),
  fc.record({ what: fc.constant('advance'), ms: fc.constantFrom(1, 500, 1_000, 2_000) }),
  fc.record({ what: fc.constant('end'), fails: fc.constantFrom(false, false, true) }),
)

type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never

async function take(real: Real, one: Step): Promise<void> {
  const open = real.runs.findIndex(run => !run.isOver)
  if ('key' in one) real.ask(one.key, one.what, {}, false)
  else if ('keys' in one) real.askMany(one.keys, {}, false)
  else if ('ms' in one) real.clock.advance(one.ms)
  else real.runs[open]?.end({ ...ending, fails: one.fails }, open)
  await real.settled()
}

describe('a full cache', () => {
  it(`keeps its bound, and neither its calls nor its flights suffer from it (seed ${seed})`, async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      fc.array(step, { maxLength: 40, size: 'max' }),
      async (maxEntries, isQuiet, steps) => {
        const real = new Real(base, { maxEntries, isQuiet })
        try {
          for (const one of steps) {
            await take(real, one)
            expect(real.cache.stats().entries).toBeLessThanOrEqual(maxEntries)
            const flying = real.runs.filter(run => !run.isOver).flatMap(({ keys }) => keys)
            expect([...new Set(flying)]).toEqual(flying)
            expect(real.cache.stats().flights).toBe(flying.length)
          }
          for (const [id, run] of real.runs.entries()) if (!run.isOver) run.end(ending, id)
          await real.settled()
          // Its own values, or the error of a run: nothing else is ever the answer.
          for (const { keys, answer } of real.calls) {
            const own = keys.map(key => `(${key}=)?v\\d+${key}`).join()
            expect(answer).toMatch(new RegExp(`^(${own}|e\\d+)$`))
          }
        } finally {
          await real.close()
        }
        expect([real.clock.pending, real.rejections]).toEqual([0, []])
      },
    )
    await fc.assert(property, runs(500))
    expect.hasAssertions()
  }, 60_000)
})
