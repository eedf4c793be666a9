import { describe, expect, it } from 'vitest'
import { type Fetch, Stampede } from '../../src/index.ts'
import { Gate } from '../../../conformance/src/gate.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

describe('invalidateTags', () => {
  it('removes every entry with the tag, set by the call, the fetch or set, and no other', async () => {
    const { cache } = setUp({ ttl: TTL })
    await cache.get('call', () => 'x', { tags: ['a', 'b'] })
    await cache.get('fetch', context => {
      context.tags = ['a']
      return 'x'
    })
    await cache.set('set', 'x', { tags: ['a'] })
    await cache.set('other', 'x', { tags: ['c'] })
    await cache.set('untagged', 'x')
    expect(await cache.invalidateTags('a', 'unknown')).toEqual({ fleet: true })
    expect(['call', 'fetch', 'set', 'other', 'untagged'].filter(key => cache.peek(key) !== undefined)).toEqual([
      'other',
      'untagged',
    ])
  })

  it('fences a fetch in progress: its callers get the result, which is not stored, and later callers start another', async () => {
    const { cache, gate, fetch, runs } = setUp({ ttl: TTL })
    const before = cache.get('k', fetch, { tags: ['a'] })
    await cache.invalidateTags('a')
    const after = cache.get('k', fetch, { tags: ['a'] })
    gate.open()
    expect([await before, await after, runs()]).toEqual(['run 1', 'run 2', 2])
    expect(cache.peek('k')).toMatchObject({ value: 'run 2' })
  })

  it('fences a fetch that sets the tag only at its end; later callers ask again', async () => {
    const { cache, gate } = setUp({ ttl: TTL })
    let runs = 0
    const fetch: Fetch<string> = async context => {
      runs += 1
      const run = runs
      await gate.passed()
      context.tags = ['a']
      return `run ${run}`
    }
    const before = cache.get('k', fetch)
    await cache.invalidateTags('a')
    const after = cache.get('k', fetch)
    gate.open()
    expect([await before, await after]).toEqual(['run 1', 'run 2'])
    expect(cache.peek('k')).toMatchObject({ value: 'run 2' })
  })

  it('does the same if the fetch fails: later callers do not get its error', async () => {
    const { cache } = setUp({ ttl: TTL })
    const gate = new Gate()
    const failing: Fetch<string> = async context => {
      context.tags = ['t']
      await gate.passed()
      throw new Error('old')
    }
    const before = cache.get('k', failing)
    await cache.invalidateTags('t')
    const after = cache.get('k', () => 'new')
    gate.open()
    await expect(before).rejects.toThrow('old')
    expect(await after).toBe('new')
  })

  it('lets a flight with other tags be joined and stored', async () => {
    const { cache, gate, fetch, runs } = setUp({ ttl: TTL })
    const before = cache.get('k', fetch, { tags: ['b'] })
    await cache.invalidateTags('a')
    const after = cache.get('k', fetch)
    gate.open()
    expect([await before, await after, runs()]).toEqual(['run 1', 'run 1', 1])
    expect(cache.peek('k')).toMatchObject({ value: 'run 1' })
  })

  it('fences every flight when more tags are invalidated than are remembered', async () => {
    const { cache } = setUp({ ttl: TTL })
    const gate = new Gate()
    const waiting = cache.get('k', async () => {
      await gate.passed()
      return 'old'
    })
    await cache.invalidateTags(...Array.from({ length: 1_001 }, (_, tag) => `tag ${tag}`))
    gate.open()
    expect(await waiting).toBe('old')
    expect(cache.peek('k')).toBeUndefined()
  })

  it('does not count those that were invalidated for flights that are over', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    for (let tag = 0; tag < 1_000; tag += 1) {
      await cache.get(`k ${tag}`, async () => {
        await cache.invalidateTags(`tag ${tag}`)
      })
    }
    const waiting = cache.get('k', fetch)
    await cache.invalidateTags('another')
    gate.open()
    await waiting
    expect(cache.peek('k')).toMatchObject({ value: 'run 1' })
  })

  it('forgets the tags of what left', async () => {
    const cache = new Stampede({ ttl: TTL, maxEntries: 1 })
    await cache.set('a', 1, { tags: ['t'] })
    await cache.set('b', 2)
    await cache.set('b', 3, { tags: ['u'] })
    await cache.set('b', 4)
    await cache.invalidateTags('t', 'u')
    expect(cache.peek('b')).toMatchObject({ value: 4 })
  })

  it('refuses tags that are none', async () => {
    const { cache } = setUp({ ttl: TTL })
    expect(() => cache.invalidateTags(5 as unknown as string)).toThrow('"tags" got an array (5); it takes strings')
    await expect(cache.get('k', fails('unused'), { tags: 'a' as unknown as string[] })).rejects.toThrow(
      '"tags" got "a"',
    )
    const wrong: Fetch<string> = context => {
      context.tags = [5] as unknown as string[]
      return 'x'
    }
    await expect(cache.get('k', wrong)).rejects.toThrow('"context.tags"')
  })
})
