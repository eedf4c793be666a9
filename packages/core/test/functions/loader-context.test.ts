import { describe, expect, it } from 'vitest'
import { fails, setUp, TTL } from '../support/set-up.ts'

describe('the context of a fetch', () => {
  it('cannot be changed by one caller for another', async () => {
    const { cache } = setUp({ ttl: TTL })
    const reach = await cache.set('k', 'v', { tags: ['t'] })
    const told = [reach, cache.peek('k'), cache.stats(), await cache.getMany(['k'], () => new Map())]
    const before = structuredClone(told)
    expect(Object.isFrozen(reach)).toBe(true)
    for (const one of told) {
      if (one instanceof Map) one.set('k', 'changed')
      else for (const name of Object.keys(one ?? {})) Reflect.set(one ?? {}, name, 'changed')
    }
    const again = [await cache.set('k', 'v', { tags: ['t'] }), cache.peek('k')]
    expect(again).toEqual(before.slice(0, 2))
    expect([cache.stats().entries, await cache.get('k', fails('unused'))]).toEqual([1, 'v'])
  })

  it('stands apart from the lists that it was given', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    const tags = ['t']
    const waiting = [cache.get('stored', fetch, { tags }), cache.get('flying', fetch, { tags })]
    await cache.set('set', 'v', { tags })
    tags[0] = 'another'
    gate.open()
    await waiting[0]
    await cache.invalidateTags('t')
    expect(['stored', 'set'].map(key => cache.peek(key))).toEqual([undefined, undefined])
    await Promise.all(waiting)
  })

  it('does not count peek as a use: evictions are the same as without it', async () => {
    const { cache } = setUp({ ttl: TTL, maxEntries: 2 })
    for (const key of ['a', 'b', 'c']) {
      await cache.set(key, key)
      for (let look = 0; look < 5; look += 1) cache.peek('a')
    }
    expect(['a', 'b', 'c'].map(key => cache.peek(key)?.value)).toEqual([undefined, 'b', 'c'])
  })
})

describe('a key that fetchMany leaves out', () => {
  it('is reported once all others are stored', async () => {
    const seen: unknown[] = []
    const { cache } = setUp({
      ttl: TTL,
      onEvent: ({ type }) => {
        if (type === 'fail') seen.push(cache.peek('there')?.value)
      },
    })
    const many = cache.getMany(['missing', 'there'], () => new Map([['there', 'v']]))
    await expect(many).rejects.toThrow('no value for key "missing"')
    expect(seen).toEqual(['v'])
  })
})

describe('stats', () => {
  it('count each thing once', async () => {
    const { cache, clock, gate, fetch } = setUp({ ttl: TTL, staleWhileRevalidate: TTL, maxEntries: 2 })
    const calls = [cache.get('a', fetch), cache.get('a', fetch), cache.get('b', fetch)]
    expect(cache.stats()).toMatchObject({ misses: 2, collapsed: 1, fetches: 2, flights: 2, entries: 0 })
    gate.open()
    await Promise.all(calls)
    await cache.get('a', fetch)
    await cache.get('a', fetch, {})
    await expect(cache.get('c', fails('down'))).rejects.toBe('down')
    await cache.set('d', 'x')
    clock.advance(TTL)
    await cache.get('d', fails('down'))
    expect(cache.stats()).toMatchObject({ hits: 2, staleHits: 1, misses: 3, collapsed: 1, fetches: 4 })
    expect(cache.stats()).toMatchObject({ evictions: 1, entries: 2, bytes: 0, flights: 0 })
    await Promise.resolve()
    expect(cache.stats().errors).toBe(2)
  })
})
