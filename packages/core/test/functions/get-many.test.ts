import { describe, expect, it } from 'vitest'
import { Gate } from '../../../conformance/src/gate.ts'
import { type FetchMany, MissingKeyError } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

/** Gives `key!` for each key, and notes what it was asked for. */
function loader(gate?: Gate): { readonly asked: (readonly string[])[]; readonly load: FetchMany<string> } {
  const asked: (readonly string[])[] = []
  return {
    asked,
    load: async keys => {
      asked.push(keys)
      await gate?.passed()
      return new Map(keys.map(key => [key, `${key}!`]))
    },
  }
}

describe('getMany', () => {
  it('gives all keys in their order, and fetches only those that are neither stored nor in flight', async () => {
    const { cache, gate } = setUp({ ttl: TTL })
    const { asked, load } = loader()
    await cache.set('stored', 'kept')
    const single = cache.get('flying', async () => {
      await gate.passed()
      return 'flown'
    })
    const many = cache.getMany(['b', 'stored', 'flying', 'a', 'b'], load)
    gate.open()
    expect([...(await many)]).toEqual([
      ['b', 'b!'],
      ['stored', 'kept'],
      ['flying', 'flown'],
      ['a', 'a!'],
    ])
    expect([asked, await single]).toEqual([[['b', 'a']], 'flown'])
  })

  it('is joined by single gets and other batches', async () => {
    const { cache, gate } = setUp({ ttl: TTL })
    const { asked, load } = loader(gate)
    const first = cache.getMany(['a', 'b'], load)
    const second = cache.getMany(new Set(['b', 'c']), load)
    const single = cache.get('a', fails('unused'))
    gate.open()
    expect([...(await first).values(), ...(await second).values(), await single]).toEqual([
      'a!',
      'b!',
      'b!',
      'c!',
      'a!',
    ])
    expect(asked).toEqual([['a', 'b'], ['c']])
    expect(cache.stats()).toMatchObject({ entries: 3, fetches: 3, collapsed: 2 })
  })

  it('asks for nothing where all is stored or nothing is wanted', async () => {
    const { cache } = setUp({ ttl: TTL })
    const { asked, load } = loader()
    expect(await cache.getMany([], load)).toEqual(new Map())
    await cache.getMany(['a'], load)
    await cache.getMany(['a'], load)
    expect(asked).toEqual([['a']])
  })

  it('stores the rest before a missing key rejects, for the callers of that key', async () => {
    const { cache, gate } = setUp({ ttl: TTL })
    const partial: FetchMany<string> = async () => {
      await gate.passed()
      return new Map([['a', 'a!']])
    }
    const many = cache.getMany(['missing', 'a'], partial)
    const others = [cache.get('missing', fails('unused')), cache.get('a', fails('unused'))]
    gate.open()
    await expect(many).rejects.toThrow(new MissingKeyError('missing').message)
    expect(await Promise.allSettled(others)).toMatchObject([{ reason: { key: 'missing' } }, { value: 'a!' }])
    expect([cache.peek('a')?.value, cache.peek('missing')]).toEqual(['a!', undefined])
  })

  it('stores undefined for a key that is there with it', async () => {
    const { cache } = setUp({ ttl: TTL })
    expect(await cache.getMany(['a'], keys => new Map(keys.map(key => [key, undefined])))).toEqual(
      new Map([['a', undefined]]),
    )
    expect(cache.peek('a')).toMatchObject({ value: undefined })
  })

  it('gives its failure to all, and refuses anything but a Map', async () => {
    const { cache } = setUp({ ttl: TTL })
    const throws: FetchMany<string> = () => {
      throw new Error('down')
    }
    await expect(cache.getMany(['a', 'b'], throws)).rejects.toThrow('down')
    await expect(cache.getMany(['a'], () => ({}) as Map<string, string>)).rejects.toThrow('fetchMany returned no Map')
    expect(cache.stats()).toMatchObject({ entries: 0, flights: 0 })
  })

  it('is fenced key by key', async () => {
    const { cache, gate } = setUp({ ttl: TTL })
    const { load } = loader(gate)
    const many = cache.getMany(['a', 'b'], load)
    await cache.delete('a')
    gate.open()
    expect(await many).toEqual(
      new Map([
        ['a', 'a!'],
        ['b', 'b!'],
      ]),
    )
    expect([cache.peek('a'), cache.peek('b')?.value]).toEqual([undefined, 'b!'])
  })

  it('refreshes stale keys in one background batch, and shows it the replaced values', async () => {
    const { cache, clock } = setUp({ ttl: TTL, staleWhileRevalidate: TTL })
    const seen: unknown[] = []
    for (const key of ['a', 'b']) await cache.set(key, `old ${key}`)
    clock.advance(TTL)
    const refreshed = new Gate()
    const many = await cache.getMany(['a', 'b'], async (keys, { stale }) => {
      seen.push(keys, [...stale])
      refreshed.open()
      return new Map(keys.map(key => [key, `new ${key}`]))
    })
    await refreshed.passed()
    expect([...many.values()]).toEqual(['old a', 'old b'])
    expect(seen).toEqual([
      ['a', 'b'],
      [
        ['a', 'old a'],
        ['b', 'old b'],
      ],
    ])
    expect([...(await cache.getMany(['a', 'b'], () => new Map())).values()]).toEqual(['new a', 'new b'])
  })

  it('lets a caller leave, and aborts the fetch when all keys are abandoned', async () => {
    const { cache, gate } = setUp({ ttl: TTL })
    const [one, two] = [new AbortController(), new AbortController()]
    let signal: AbortSignal | undefined
    const load: FetchMany<string> = async (_keys, context) => {
      signal = context.signal
      await gate.passed()
      return new Map()
    }
    const many = cache.getMany(['a', 'b'], load, { signal: one.signal })
    const single = cache.get('b', fails('unused'), { signal: two.signal })
    one.abort('left')
    await expect(many).rejects.toBe('left')
    expect(signal?.aborted).toBe(false)
    two.abort('left too')
    await expect(single).rejects.toBe('left too')
    expect([signal?.aborted, cache.stats().flights]).toEqual([true, 0])
    gate.open()
  })

  it('sets ttl, tags and noStore for all that it yields', async () => {
    const { cache, clock } = setUp({ ttl: TTL })
    await cache.getMany(['a'], (keys, context) => {
      context.ttl = 10
      context.tags = ['t']
      return new Map(keys.map(key => [key, 'x']))
    })
    expect(cache.peek('a')).toMatchObject({ ttl: 10 })
    await cache.invalidateTags('t')
    expect(cache.peek('a')).toBeUndefined()
    await cache.getMany(['b'], (keys, context) => {
      context.noStore = true
      return new Map(keys.map(key => [key, 'x']))
    })
    clock.advance(0)
    expect(cache.peek('b')).toBeUndefined()
  })

  it('refuses bad input by name', async () => {
    const { cache } = setUp({ ttl: TTL })
    const { asked, load } = loader()
    const takes = 'it takes an iterable of strings'
    for (const [keys, got] of [
      ['ab', '"ab"'],
      [null, 'null'],
      [undefined, 'undefined'],
      [5, '5'],
      [{}, 'an object'],
    ] as const) {
      const message = `stampede: option "keys" got ${got}; ${takes}`
      await expect(cache.getMany(keys as Iterable<string>, load)).rejects.toThrow(message)
    }
    await expect(cache.getMany([1] as unknown as string[], load)).rejects.toThrow('"key" got 1')
    await expect(cache.getMany(['a'], 5 as unknown as FetchMany<string>)).rejects.toThrow('"fetchMany" got 5')
    await expect(cache.getMany(['a'], load, { ttl: -1 })).rejects.toThrow('"ttl" got -1')
    await expect(cache.getMany(['a'], load, { signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect([asked, cache.stats().misses]).toEqual([[], 0])
  })
})
