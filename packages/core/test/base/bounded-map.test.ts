import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedMap } from '../../src/base/bounded-map.ts'

/** A map of at most `max` entries that was given these, in this order. */
function mapOf(max: number, keys: readonly string[]): BoundedMap<string> {
  const map = new BoundedMap<string>(max)
  for (const key of keys) map.set(key, key.toUpperCase())
  return map
}

const held = (map: BoundedMap<string>, keys: readonly string[]): readonly string[] =>
  keys.filter(key => map.get(key) !== undefined)

describe('a bounded map', () => {
  it.each([
    [2, ['a', 'b'], ['a', 'b']],
    [2, ['a', 'b', 'c'], ['b', 'c']],
    [2, ['a', 'b', 'a', 'c'], ['a', 'c']],
    [2, ['a', 'b', 'b'], ['a', 'b']],
    [1, ['a', 'b', 'c'], ['c']],
  ])('of %i that was given %j holds %j', (max, given, expected) => {
    const map = mapOf(max, given)
    expect(held(map, ['a', 'b', 'c'])).toEqual(expected)
    expect(expected.map(key => map.get(key))).toEqual(expected.map(key => key.toUpperCase()))
  })

  it.each([
    [
      ['aaa', 'bbb', 'ccc'],
      ['bbb', 'ccc'],
    ],
    [
      ['aaa', 'bbb', 'aaa', 'c'],
      ['aaa', 'bbb', 'c'],
    ],
    [
      ['aaa', 'c', 'bbbbb'],
      ['bbbbb', 'c'],
    ],
    [['aaa', 'bbbbbbbb'], []],
    [
      ['aaa', 'aaa', 'aaa', 'bbb'],
      ['aaa', 'bbb'],
    ],
  ])('of keys of 7 characters together that was given %j holds %j', (given, expected) => {
    const map = new BoundedMap<number>(10, 7)
    for (const key of given) map.set(key, 1)
    const all = ['aaa', 'bbb', 'bbbbb', 'bbbbbbbb', 'c', 'ccc']
    expect(all.filter(key => map.get(key) !== undefined)).toEqual(expected)
  })

  it('has room again after a deletion', () => {
    const map = new BoundedMap<number>(10, 7)
    for (const clear of [() => map.delete('aaaaa'), () => map.clear(), () => map.delete('none')]) {
      map.set('aaaaa', 1)
      clear()
      map.set('bbb', 1)
      map.set('ccc', 1)
      expect(['bbb', 'ccc'].map(key => map.get(key))).toEqual([1, 1])
      map.clear()
    }
  })

  it('holds the last value of a key', () => {
    const map = mapOf(2, ['a'])
    map.set('a', 'new')
    expect(map.get('a')).toBe('new')
  })

  it('forgets one key, or all', () => {
    const map = mapOf(3, ['a', 'b', 'c'])
    map.delete('b')
    expect(held(map, ['a', 'b', 'c'])).toEqual(['a', 'c'])
    map.clear()
    expect(held(map, ['a', 'b', 'c'])).toEqual([])
  })

  it('holds the keys that were set last, as many as it may', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(key), (max, keys) => {
        const latest = [...new Set(keys.toReversed())].slice(0, max)
        expect(held(mapOf(max, keys), ['a', 'b', 'c', 'd', 'e'])).toEqual(latest.toSorted())
      }),
    )
  })
})
