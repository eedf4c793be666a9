import { describe, expect, it } from 'vitest'
import { Gate } from '../../../conformance/src/gate.ts'
import type { Fetch } from '../../src/index.ts'
import { setUp, TTL } from '../support/set-up.ts'

const options = { ttl: TTL, staleIfError: 1_000 }
const down = new Error('down')

/** A cache with a stale value, whose next sweep is far off: what is gone lies there still. */
async function unswept(more: object = {}): Promise<ReturnType<typeof setUp>> {
  const parts = setUp({ ...options, ...more })
  await parts.cache.set('later', 'x', { ttl: 100_000 })
  await parts.cache.set('k', 'old')
  parts.clock.advance(TTL)
  return parts
}

describe('a stale value whose window ends while the fetch runs', () => {
  it.each([
    { pause: 999, outcome: { value: 'old' } },
    { pause: 1_000, outcome: { reason: down } },
  ])('is given in the place of a failure after $pause ms: $outcome', async ({ pause, outcome }) => {
    const { cache, clock, gate } = await unswept()
    const failing: Fetch<never> = async () => {
      await gate.passed()
      throw down
    }
    const waiting = Promise.allSettled([cache.get('k', failing)])
    clock.advance(pause)
    gate.open()
    expect(await waiting).toMatchObject([outcome])
  })

  it.each([
    { softTimeout: 999, answer: 'old' },
    { softTimeout: 1_000, answer: 'run 1' },
  ])('is given after a soft timeout of $softTimeout ms: $answer', async ({ softTimeout, answer }) => {
    const { cache, clock, gate, fetch } = await unswept({ softTimeout })
    const waiting = cache.get('k', fetch)
    clock.advance(softTimeout)
    gate.open()
    expect(await waiting).toBe(answer)
  })
})

describe('a stale value in the place of a failure', () => {
  it('is given by a wrapped function too, and not by its refresh', async () => {
    const { cache, clock } = setUp(options)
    const load = cache.wrap((): Promise<string> => Promise.reject(down), { key: () => 'k' })
    await cache.set('k', 'old')
    clock.advance(TTL)
    await expect(load.refresh()).rejects.toBe(down)
    expect(await load()).toBe('old')
  })

  it('is returned to a call that asks again after an invalidation', async () => {
    const { cache, clock, gate } = setUp()
    const asked = new Gate()
    const before = cache.get('k', async context => {
      await gate.passed()
      context.tags = ['t']
      return 'outdated'
    })
    await cache.invalidateTags('t')
    const after = cache.get('k', () => {
      asked.open()
      throw down
    })
    await cache.set('k', 'old', { ttl: 10, staleIfError: 1_000 })
    clock.advance(10)
    gate.open()
    expect(await before).toBe('outdated')
    await asked.passed()
    expect(await after).toBe('old')
  })

  it('leaves no timer behind, whichever was first', async () => {
    const { cache, clock, gate, fetch } = await unswept({ softTimeout: 50, timeout: Number.POSITIVE_INFINITY })
    const quick = cache.get('k', fetch)
    gate.open()
    expect(await quick).toBe('run 1')
    await cache.close()
    expect(clock.pending).toBe(0)
  })
})
