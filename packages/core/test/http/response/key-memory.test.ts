import { describe, expect, it } from 'vitest'
import { KeyMemory } from '../../../src/http/response/key-memory.ts'

describe('what a key varies on', () => {
  it('is nothing before it was learned, and all that was learned, in a fixed order', () => {
    const remembered = new KeyMemory()
    expect(remembered.varyOf('k')).toEqual([])
    expect(remembered.learnVary('k', ['b'])).toEqual(['b'])
    expect(remembered.learnVary('k', ['c', 'a', 'b'])).toEqual(['a', 'b', 'c'])
    expect(remembered.learnVary('k', ['b', 'c'])).toEqual(['a', 'b', 'c'])
    expect(remembered.learnVary('k', [])).toEqual(['a', 'b', 'c'])
    expect(remembered.learnVary('k', ['aa'])).toEqual(['a', 'aa', 'b', 'c'])
    expect(remembered.varyOf('k')).toEqual(['a', 'aa', 'b', 'c'])
    expect(remembered.varyOf('other')).toEqual([])
  })

  it('takes no room for a key that varies on nothing', () => {
    const remembered = new KeyMemory()
    remembered.learnVary('first', ['a'])
    for (let index = 0; index < 10_000; index += 1) remembered.learnVary(`plain ${index}`, [])
    expect(remembered.varyOf('first')).toEqual(['a'])
  })

  it('is forgotten of the oldest key beyond ten thousand', () => {
    const remembered = new KeyMemory()
    for (let index = 0; index <= 10_000; index += 1) remembered.learnVary(`k${index}`, ['a'])
    expect(['k0', 'k1', 'k10000'].map(key => remembered.varyOf(key))).toEqual([[], ['a'], ['a']])
  })
})

it('is forgotten of the oldest keys where clients make them long', () => {
  const remembered = new KeyMemory()
  const long = 'x'.repeat(15_000)
  for (let index = 0; index <= 1_000; index += 1) remembered.markUnshared(`${index} ${long}`, 0)
  expect(['0', '1000'].map(index => remembered.isUnshared(`${index} ${long}`, 1))).toEqual([false, true])
})

describe('a key whose answer could not be shared', () => {
  it('is remembered for ten seconds from the last time', () => {
    const remembered = new KeyMemory()
    remembered.markUnshared('k', 5_000)
    expect([5_000, 14_999, 15_000].map(now => remembered.isUnshared('k', now))).toEqual([true, true, false])
    remembered.markUnshared('k', 14_000)
    expect(remembered.isUnshared('k', 23_999)).toBe(true)
  })

  it('is no other, and none before it was learned, at whatever time', () => {
    const remembered = new KeyMemory()
    remembered.markUnshared('k', 0)
    expect([-1, 0, 1].map(now => remembered.isUnshared('other', now))).toEqual([false, false, false])
  })

  it('is forgotten once its answer was shared', () => {
    const remembered = new KeyMemory()
    remembered.markUnshared('k', 0)
    remembered.markUnshared('other', 0)
    remembered.markShared('k')
    expect(['k', 'other'].map(key => remembered.isUnshared(key, 1))).toEqual([false, true])
  })

  it('is forgotten with all others; what keys vary on stays', () => {
    const remembered = new KeyMemory()
    remembered.learnVary('k', ['a'])
    remembered.markUnshared('k', 0)
    remembered.forgetUnshared()
    expect(remembered.isUnshared('k', 1)).toBe(false)
    expect(remembered.varyOf('k')).toEqual(['a'])
  })
})
