import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { StoreEntry } from '../../src/store/store-entry.ts'

class Stored extends StoreEntry {
  readonly bytes: number
  readonly goneAt: number

  constructor(key: string, bytes = 1, goneAt = 100) {
    super(key)
    this.bytes = bytes
    this.goneAt = goneAt
  }
}

const goneAt = (entry: Stored): number => entry.goneAt

/** A store that was given these keys, each with its bytes, in this order. */
function storeOf(maxEntries: number, maxBytes: number, given: Readonly<Record<string, number>>): MemoryStore<Stored> {
  const store = new MemoryStore<Stored>(maxEntries, maxBytes, goneAt)
  for (const [key, bytes] of Object.entries(given)) store.set(new Stored(key, bytes))
  return store
}

const held = (store: MemoryStore<Stored>): readonly string[] =>
  ['a', 'b', 'c', 'd', 'e'].filter(key => store.peek(key) !== undefined)

describe('a store', () => {
  it.each([
    [{ maxEntries: 3, maxBytes: 9 }, { a: 1, b: 1, c: 1 }, ['a', 'b', 'c'], 3],
    [{ maxEntries: 2, maxBytes: 9 }, { a: 1, b: 1, c: 1 }, ['b', 'c'], 2],
    [{ maxEntries: 3, maxBytes: 9 }, { a: 3, b: 3, c: 3 }, ['a', 'b', 'c'], 9],
    [{ maxEntries: 3, maxBytes: 9 }, { a: 3, b: 3, c: 4 }, ['b', 'c'], 7],
    [{ maxEntries: 3, maxBytes: 9 }, { a: 1, b: 1, c: 9 }, ['c'], 9],
    [{ maxEntries: 3, maxBytes: 9 }, { a: 1, b: 10 }, ['a'], 1],
    [{ maxEntries: 3, maxBytes: 0 }, { a: 0, b: 1 }, ['a'], 0],
  ])('bound by %j that was given %j holds %j', ({ maxEntries, maxBytes }, given, expected, bytes) => {
    const store = storeOf(maxEntries, maxBytes, given)
    expect(held(store)).toEqual(expected)
    expect({ size: store.size, bytes: store.bytes }).toEqual({ size: expected.length, bytes })
  })

  it('returns whether an entry was stored; one larger than the whole store replaces none', () => {
    const store = storeOf(3, 9, { a: 1, b: 1 })
    expect([store.set(new Stored('c', 9)), store.set(new Stored('d', 10))]).toEqual([true, false])
    expect(held(store)).toEqual(['c'])
    expect(store.set(new Stored('c', 10))).toBe(false)
    expect([held(store), store.bytes]).toEqual([[], 0])
  })

  it('counts evicted entries, and neither replaced nor deleted ones', () => {
    const store = storeOf(2, 9, { a: 1, b: 1, c: 1, d: 1 })
    expect(store.evictions).toBe(2)
    store.set(new Stored('d', 2))
    expect([store.delete('d'), store.delete('d'), store.delete('a')]).toEqual([true, false, false])
    expect({ evictions: store.evictions, bytes: store.bytes, size: store.size }).toEqual({
      evictions: 2,
      bytes: 1,
      size: 1,
    })
  })

  it('gives an entry until the moment it is gone, and then removes it', () => {
    const store = new MemoryStore<Stored>(2, 9, goneAt)
    const own = new Stored('a', 1, 100)
    store.set(own)
    expect([store.get('a', 99), store.get('b', 99)]).toEqual([own, undefined])
    expect(store.get('a', 100)).toBeUndefined()
    expect({ size: store.size, bytes: store.bytes, evictions: store.evictions }).toEqual({
      size: 0,
      bytes: 0,
      evictions: 0,
    })
  })

  it('shows an expired entry to peek', () => {
    const store = new MemoryStore<Stored>(2, 9, goneAt)
    const own = new Stored('a', 1, 0)
    store.set(own)
    expect([store.peek('a'), store.peek('b')]).toEqual([own, undefined])
  })

  it('forgets all', () => {
    const store = storeOf(3, 9, { a: 1, b: 1 })
    store.clear()
    expect({ size: store.size, bytes: store.bytes }).toEqual({ size: 0, bytes: 0 })
    expect(held(store)).toEqual([])
  })
})

describe('another bound on the bytes', () => {
  it('evicts what has no place any more, and holds for what comes', () => {
    const store = storeOf(9, 9, { a: 3, b: 3, c: 3 })
    store.limit(8)
    expect([held(store), store.bytes, store.evictions]).toEqual([['b', 'c'], 6, 1])
    store.limit(6)
    expect([held(store), store.set(new Stored('d', 7))]).toEqual([['b', 'c'], false])
    store.limit(-1)
    expect([held(store), store.bytes, store.set(new Stored('d', 0))]).toEqual([[], 0, false])
    store.limit(9)
    expect(store.set(new Stored('d', 9))).toBe(true)
  })
})

describe('a sweep', () => {
  it('removes expired entries, and returns when the first of the others will expire', () => {
    const store = new MemoryStore<Stored>(9, 9, goneAt)
    for (const [key, moment] of [
      ['a', 10],
      ['b', 30],
      ['c', 20],
    ] as const)
      store.set(new Stored(key, 1, moment))
    expect(store.sweep(10)).toBe(20)
    expect([held(store), store.bytes, store.evictions]).toEqual([['b', 'c'], 2, 0])
    expect(store.sweep(30)).toBe(Number.POSITIVE_INFINITY)
    expect([held(store), store.bytes]).toEqual([[], 0])
  })
})

describe('what leaves', () => {
  it('is called with the reason', () => {
    const told: string[] = []
    const store = new MemoryStore<Stored>(2, 9, goneAt, ({ key, isRemoved }, why) =>
      told.push(`${key} ${why} ${isRemoved}`),
    )
    for (const key of ['a', 'b', 'c']) store.set(new Stored(key, 1, 50))
    store.set(new Stored('b', 1, 50))
    store.delete('b')
    store.get('c', 50)
    store.set(new Stored('d', 1, 50))
    store.sweep(50)
    expect(told).toEqual(['a evicted true', 'b changed true', 'b changed true', 'c gone true', 'd gone true'])
  })
})

describe('eviction', () => {
  it.each([
    [['a'], ['a', 'c', 'd']],
    [['b'], ['b', 'c', 'd']],
    [
      ['a', 'b'],
      ['a', 'b', 'd'],
    ],
    [
      ['a', 'b', 'c'],
      ['b', 'c', 'd'],
    ],
    [[], ['b', 'c', 'd']],
  ])('of one of a, b, c where %j were used leaves %j', (used, expected) => {
    const store = storeOf(3, 9, { a: 1, b: 1, c: 1 })
    for (const key of used) store.get(key, 0)
    store.set(new Stored('d'))
    expect(held(store)).toEqual(expected)
  })

  it('keeps used entries while unused newcomers come and go', () => {
    const store = storeOf(2, 9, { a: 1, b: 1 })
    store.get('a', 0)
    for (const key of ['c', 'd', 'e']) {
      store.set(new Stored(key))
      expect(held(store)).toEqual(['a', key])
    }
  })

  it('takes a key that comes back soon after it was evicted straight among those that were used', () => {
    const store = storeOf(3, 9, { a: 1, b: 1, c: 1, d: 1 })
    store.set(new Stored('a'))
    for (const key of ['e', 'b2', 'c2', 'd2']) store.set(new Stored(key))
    expect(store.peek('a')).toBeDefined()
  })

  it('evicts entries that were used long ago', () => {
    const store = storeOf(2, 9, { a: 1, b: 1 })
    store.get('a', 0)
    for (const key of ['c', 'd', 'e']) {
      store.set(new Stored(key))
      store.get(key, 0)
    }
    store.set(new Stored('f'))
    expect(store.peek('a')).toBeUndefined()
  })

  it('keeps a key in its place when its value is replaced', () => {
    const store = storeOf(2, 9, { a: 1, b: 1 })
    store.get('a', 0)
    store.set(new Stored('a'))
    store.set(new Stored('c'))
    expect(held(store)).toEqual(['a', 'c'])
  })

  it('does not take a look for a use', () => {
    const store = storeOf(2, 9, { a: 1, b: 1 })
    store.peek('a')
    store.set(new Stored('c'))
    expect(held(store)).toEqual(['b', 'c'])
  })

  it('takes in a newcomer though all others are used', () => {
    const store = storeOf(1, 9, { a: 1 })
    store.get('a', 0)
    expect(store.set(new Stored('b'))).toBe(true)
    expect(held(store)).toEqual(['b'])
  })

  it.each([1, 100])('holds what it should over thousands of evictions, with room for %i', room => {
    const store = new MemoryStore<Stored>(room, room, goneAt)
    const entries = Array.from({ length: 3_000 }, (_, index) => new Stored(`${index}`))
    for (const entry of entries) store.set(entry)
    expect(entries.filter(entry => store.peek(entry.key) === entry)).toEqual(entries.slice(-room))
    expect(entries.filter(entry => !entry.isRemoved)).toEqual(entries.slice(-room))
    expect([store.size, store.bytes, store.evictions]).toEqual([room, room, 3_000 - room])
  })

  it('keeps both bounds and the count of bytes, whatever is done', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const step = fc.record({ key, bytes: fc.nat({ max: 6 }), what: fc.constantFrom('set', 'get', 'delete') })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat({ max: 9 }), fc.array(step), (maxEntries, maxBytes, steps) => {
        const store = new MemoryStore<Stored>(maxEntries, maxBytes, goneAt)
        for (const { what, key: of, bytes } of steps) {
          if (what === 'set') store.set(new Stored(of, bytes))
          else if (what === 'get') store.get(of, 0)
          else store.delete(of)
          const sum = held(store).reduce((total, one) => total + (store.peek(one)?.bytes ?? 0), 0)
          expect({ bytes: store.bytes, size: store.size }).toEqual({ bytes: sum, size: held(store).length })
          expect(store.size <= maxEntries && store.bytes <= maxBytes).toBe(true)
        }
      }),
    )
  })
})
