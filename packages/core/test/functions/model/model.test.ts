import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commands, endAll } from './model-commands.ts'
import { Model } from './model.ts'
import type { Terms } from './model-parts.ts'
import { Real } from './model-real.ts'
import { runs, seed } from '../../support/seeds.ts'

const settings = runs(2_000)

const base: fc.Arbitrary<Terms> = fc.record({
  ttl: fc.constantFrom(2_000, 2_000, 0),
  staleWhileRevalidate: fc.constantFrom(0, 1_000, 4_000),
  staleIfError: fc.constantFrom(0, 1_000, 6_000),
  errorTtl: fc.constantFrom(0, 1_500),
  timeout: fc.constantFrom(2_500, 10_000),
  tags: fc.constant([]),
})

describe('a cache', () => {
  it(`answers as the model does, whatever is done to it (seed ${seed})`, async () => {
    let done = 0
    const bounds = fc.record({ maxFlights: fc.constantFrom(1_000, 1_000, 2, 1), isQuiet: fc.boolean() })
    const property = fc.asyncProperty(base, bounds, commands, async (terms, bound, steps) => {
      const real = new Real(terms, bound)
      const model = new Model(terms, bound.maxFlights, real.clock.now())
      try {
        await fc.asyncModelRun(() => ({ model, real }), steps)
        await endAll(model, real)
      } finally {
        await real.close()
      }
      done += 1
    })
    await fc.assert(property, settings)
    expect(done).toBe(settings.numRuns)
  }, 600_000)
})
