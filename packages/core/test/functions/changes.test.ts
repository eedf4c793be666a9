import { describe, expect, it } from 'vitest'
import type { Fetch, Stampede } from '../../src/index.ts'
import { setUp, TTL } from '../support/set-up.ts'

describe('changes', () => {
  const changes: Record<string, (cache: Stampede) => Promise<unknown>> = {
    delete: cache => cache.delete('k'),
    clear: cache => cache.clear(),
  }
  for (const [name, change] of Object.entries(changes)) {
    it(`${name} fences a fetch in progress: its callers get the result, and no others do`, async () => {
      const { cache, gate, fetch } = setUp({ ttl: TTL })
      const before = cache.get('k', fetch)
      expect(await change(cache)).toEqual({ fleet: true })
      const after = cache.get('k', fetch)
      gate.open()
      expect(await before).toBe('run 1')
      expect(await after).toBe('run 2')
      expect(await cache.get('k', fetch)).toBe('run 2')
    })
  }

  it('set is not overwritten by an older flight', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    const before = cache.get('k', fetch)
    await cache.set('k', 'set')
    gate.open()
    expect(await before).toBe('run 1')
    expect(await cache.get('k', fetch)).toBe('set')
  })

  it('set takes effect at once, with its own ttl, and refuses a promise', async () => {
    const { cache, clock } = setUp({ ttl: TTL })
    void cache.set('k', 'now', { ttl: 10 })
    expect(cache.peek('k')).toEqual({ value: 'now', state: 'fresh', age: 0, ttl: 10 })
    clock.advance(10)
    expect(cache.peek('k')).toBeUndefined()
    expect(() => cache.set('k', Promise.resolve(1))).toThrow(
      'stampede: option "value" got an object; it takes a settled value, not a promise: await it first, or use refresh()',
    )
  })

  it('refresh runs though a fresh value is there, and joins a flight', async () => {
    const { cache, gate, fetch, runs } = setUp({ ttl: TTL })
    await cache.set('k', 'old')
    const both = [cache.refresh('k', fetch), cache.refresh('k', fetch)]
    expect(await cache.get('k', fetch)).toBe('old')
    gate.open()
    expect(await Promise.all(both)).toEqual(['run 1', 'run 1'])
    expect(await cache.get('k', fetch)).toBe('run 1')
    expect(runs()).toBe(1)
  })

  it('a fetch may set the ttl of its result, or keep it out of the store', async () => {
    const { cache, clock } = setUp()
    await cache.get('k', context => {
      context.ttl = 10
      return 'kept'
    })
    clock.advance(9)
    expect(cache.peek('k')).toMatchObject({ ttl: 1 })
    await cache.refresh('k', context => {
      context.noStore = true
      return 'not kept'
    })
    expect(cache.peek('k')).toMatchObject({ value: 'kept' })
    const bad: Fetch<string> = context => {
      context.ttl = Number.NaN
      return 'x'
    }
    await expect(cache.refresh('k', bad)).rejects.toThrow('"context.ttl" got NaN')
  })
})
