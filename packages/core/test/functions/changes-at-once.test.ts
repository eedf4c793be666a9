import { describe, expect, it } from 'vitest'
import type { Fetch, Stampede } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

const changes: readonly (readonly [string, (cache: Stampede) => Promise<unknown>])[] = [
  ['set', cache => cache.set('k', 'set', { ttl: 0 })],
  ['delete', cache => cache.delete('k')],
  ['clear', cache => cache.clear()],
  ['invalidateTags', cache => cache.invalidateTags('t')],
]

describe.each(changes)('%s', (_name, change) => {
  it('takes effect before it returns, and says how far it reached', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    await cache.set('k', 'old', { tags: ['t'] })
    const flying = cache.refresh('k', fetch, { tags: ['t'] })
    const reach = change(cache)
    expect([cache.peek('k'), cache.stats().flights]).toEqual([undefined, 0])
    expect(await reach).toEqual({ fleet: true })
    gate.open()
    expect(await flying).toBe('run 1')
  })

  it('is not overwritten by a fetch in progress, and does not join it', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    const before = cache.get('k', fetch, { tags: ['t'] })
    await change(cache)
    expect(cache.stats().flights).toBe(0)
    const after = cache.get('k', fetch, { tags: ['t'] })
    gate.open()
    expect([await before, await after]).toEqual(['run 1', 'run 2'])
    expect(cache.peek('k')?.value).toBe('run 2')
  })
})

describe('a flight that was fenced', () => {
  it('gives its callers its failure though a value was set meanwhile: they asked before', async () => {
    const { cache, clock, gate } = setUp({ ttl: TTL, staleIfError: TTL })
    const failing: Fetch<string> = async () => {
      await gate.passed()
      throw new Error('down')
    }
    await cache.set('stale', 'old')
    clock.advance(TTL)
    const callers = ['stale', 'cold'].map(key => cache.get(key, failing))
    for (const key of ['stale', 'cold']) await cache.set(key, 'set')
    gate.open()
    const down = { status: 'rejected', reason: new Error('down') }
    expect(await Promise.allSettled(callers)).toEqual([down, down])
    expect(['stale', 'cold'].map(key => cache.peek(key)?.value)).toEqual(['set', 'set'])
  })
})

describe('invalidateTags', () => {
  it('fences the refresh of an entry with the tag, before the tags of its result are known', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    await cache.set('k', 'old', { tags: ['t'] })
    const before = cache.refresh('k', fetch)
    await cache.invalidateTags('t')
    const after = cache.get('k', fetch)
    gate.open()
    expect([await before, await after]).toEqual(['run 1', 'run 2'])
  })
})

describe('clear', () => {
  it('forgets the tags of what it dropped', async () => {
    const { cache } = setUp({ ttl: TTL })
    await cache.set('k', 'tagged', { tags: ['t'] })
    await cache.clear()
    await cache.set('k', 'untagged')
    await cache.invalidateTags('t')
    expect(cache.peek('k')?.value).toBe('untagged')
  })
})

describe('an entry that is evicted while it is refreshed', () => {
  it('takes neither the flight nor its callers with it', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL, maxEntries: 1 })
    await cache.set('hot', 'old')
    const before = cache.refresh('hot', fetch)
    await cache.set('another', 'x')
    expect(cache.peek('hot')).toBeUndefined()
    const after = cache.get('hot', fails('ran again'))
    gate.open()
    expect(await Promise.all([before, after])).toEqual(['run 1', 'run 1'])
  })
})
