import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryStore, type StoreEntry } from '../src/memory-store.ts'

const entry = (bytes = 1, goneAt = 100): StoreEntry => ({ storedAt: 0, freshUntil: goneAt, goneAt, bytes })

/** A store that was given these keys, each with its bytes, in this order. */
function storeOf(
  maxEntries: number,
  maxBytes: number,
  given: Readonly<Record<string, number>>,
): MemoryStore<StoreEntry> {
  const store = new MemoryStore<StoreEntry>(maxEntries, maxBytes)
  for (const [key, bytes] of Object.entries(given)) store.set(key, entry(bytes))
  return store
}

const held = (store: MemoryStore<StoreEntry>): readonly string[] =>
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

  it('says whether an entry was kept; one larger than the whole store takes the place of none', () => {
    const store = storeOf(3, 9, { a: 1, b: 1 })
    expect([store.set('c', entry(9)), store.set('d', entry(10))]).toEqual([true, false])
    expect(held(store)).toEqual(['c'])
    expect(store.set('c', entry(10))).toBe(false)
    expect([held(store), store.bytes]).toEqual([[], 0])
  })

  it('counts what it evicted, and neither what was replaced nor what was deleted', () => {
    const store = storeOf(2, 9, { a: 1, b: 1, c: 1, d: 1 })
    expect(store.evictions).toBe(2)
    store.set('d', entry(2))
    expect([store.delete('d'), store.delete('d'), store.delete('a')]).toEqual([true, false, false])
    expect({ evictions: store.evictions, bytes: store.bytes, size: store.size }).toEqual({
      evictions: 2,
      bytes: 1,
      size: 1,
    })
  })

  it('gives an entry until the moment it is gone, and then removes it', () => {
    const store = new MemoryStore<StoreEntry>(2, 9)
    const own = entry(1, 100)
    store.set('a', own)
    expect([store.get('a', 99), store.get('b', 99)]).toEqual([own, undefined])
    expect(store.get('a', 100)).toBeUndefined()
    expect({ size: store.size, bytes: store.bytes, evictions: store.evictions }).toEqual({
      size: 0,
      bytes: 0,
      evictions: 0,
    })
  })

  it('shows an entry that is gone to those who only look', () => {
    const store = new MemoryStore<StoreEntry>(2, 9)
    const own = entry(1, 0)
    store.set('a', own)
    expect([store.peek('a'), store.peek('b')]).toEqual([own, undefined])
  })

  it('forgets all', () => {
    const store = storeOf(3, 9, { a: 1, b: 1 })
    store.clear()
    expect({ size: store.size, bytes: store.bytes }).toEqual({ size: 0, bytes: 0 })
    expect(held(store)).toEqual([])
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
    store.set('d', entry())
    expect(held(store)).toEqual(expected)
  })

  it('gives what was used a second chance, and not a third', () => {
    const store = storeOf(2, 9, { a: 1, b: 1 })
    store.get('a', 0)
    store.set('c', entry())
    expect(held(store)).toEqual(['a', 'c'])
    store.set('d', entry())
    store.set('e', entry())
    expect(held(store)).toEqual(['d', 'e'])
  })

  it('does not take a look for a use', () => {
    const store = storeOf(2, 9, { a: 1, b: 1 })
    store.peek('a')
    store.set('c', entry())
    expect(held(store)).toEqual(['b', 'c'])
  })

  it('takes in a newcomer though all others are used', () => {
    const store = storeOf(1, 9, { a: 1 })
    store.get('a', 0)
    expect(store.set('b', entry())).toBe(true)
    expect(held(store)).toEqual(['b'])
  })

  it('keeps both bounds and the count of bytes, whatever is done', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const step = fc.record({ key, bytes: fc.nat({ max: 6 }), what: fc.constantFrom('set', 'get', 'delete') })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat({ max: 9 }), fc.array(step), (maxEntries, maxBytes, steps) => {
        const store = new MemoryStore<StoreEntry>(maxEntries, maxBytes)
        for (const { what, key: of, bytes } of steps) {
          if (what === 'set') store.set(of, entry(bytes))
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
