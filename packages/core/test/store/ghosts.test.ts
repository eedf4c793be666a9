import { describe, expect, it } from 'vitest'
import { Ghosts } from '../../src/store/ghosts.ts'

const keys = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, id) => `${name} ${id}`)

/** Which part of these keys is remembered. */
function remembered(ghosts: Ghosts, some: readonly string[]): number {
  return some.filter(key => ghosts.take(key)).length / some.length
}

describe('ghosts', () => {
  it.each(['', 'a', 'k'.repeat(1_000), 'ключ'])('know one, and once', key => {
    const ghosts = new Ghosts()
    expect(ghosts.take(key)).toBe(false)
    ghosts.add(key, 1)
    expect([ghosts.take(key), ghosts.take(key)]).toEqual([true, false])
  })

  it.each([
    ['the head', `b${'k'.repeat(999)}`],
    ['the last of the head', `${'k'.repeat(63)}b${'k'.repeat(936)}`],
    ['the first of the tail', `${'k'.repeat(936)}b${'k'.repeat(63)}`],
    ['the tail', `${'k'.repeat(999)}b`],
    ['the length', 'k'.repeat(1_001)],
  ])('tell long keys apart by %s', (_, other) => {
    const ghosts = new Ghosts()
    ghosts.add('k'.repeat(1_000), 1)
    expect([ghosts.take(other), ghosts.take('k'.repeat(1_000))]).toEqual([false, true])
  })

  it('take long keys for one another that differ in the middle alone: they need not be read whole', () => {
    const ghosts = new Ghosts()
    ghosts.add(`${'k'.repeat(500)}a${'k'.repeat(500)}`, 1)
    expect(ghosts.take(`${'k'.repeat(500)}b${'k'.repeat(500)}`)).toBe(true)
  })

  it.each([
    // Few places are unevenly taken.
    [16, 0.3],
    [100, 0.6],
    [1_001, 0.6],
    [5_000, 0.6],
  ])('remember many of the last %i, over %d, and next to none that were never there', (capacity, part) => {
    const ghosts = new Ghosts()
    for (const key of keys('added', capacity)) ghosts.add(key, capacity)
    expect(remembered(ghosts, keys('other', 1_000))).toBeLessThan(0.01)
    expect(remembered(ghosts, keys('added', capacity))).toBeGreaterThan(part)
  })

  it.each([
    [16, 0.3],
    [1_000, 0.6],
  ])('forget what is followed by as many as are remembered: %i, and not %d of those', (capacity, part) => {
    const ghosts = new Ghosts()
    for (const key of [...keys('old', capacity), ...keys('new', capacity)]) ghosts.add(key, capacity)
    expect(remembered(ghosts, keys('old', capacity))).toBeLessThan(0.01)
    expect(remembered(ghosts, keys('new', capacity))).toBeGreaterThan(part)
  })

  it('count ages on past what sixteen bits hold', () => {
    const ghosts = new Ghosts()
    for (const key of keys('old', 16 * 40)) ghosts.add(key, 16)
    ghosts.add('new', 16)
    expect(ghosts.take('new')).toBe(true)
  })

  it.each([
    [16, true],
    [17, false],
  ])('of 16, asked to remember %i, still know what they knew: %s', (capacity, isKnown) => {
    const ghosts = new Ghosts()
    ghosts.add('a', 16)
    ghosts.add('b', capacity)
    expect([ghosts.take('a'), ghosts.take('b')]).toEqual([isKnown, true])
  })

  it('forget all', () => {
    const ghosts = new Ghosts()
    ghosts.add('a', 1)
    ghosts.clear()
    expect(ghosts.take('a')).toBe(false)
  })
})
