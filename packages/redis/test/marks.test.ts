import type { SharedTier } from '@stampede/core'
import { describe, expect, it } from 'vitest'
import { LOG as ADD_TO_LOG, MARKED } from '../src/protocol/log-scripts.ts'
import { LOG, MADE, useTiers } from './use-tiers.ts'

const MARKS = 'st:1:{st}:t:f'
/** More entries than a process reads that comes new. */
const PAST = 1_200

const { hands, joined: join } = await useTiers()
const joined = (): SharedTier => join().tier

/** So much happens that a process which comes now reads nothing of what was before. */
async function muchHappens(): Promise<void> {
  const adding = hands.pipeline()
  for (let index = 0; index < PAST; index += 1) adding.xadd(LOG, '*', 'o', 'of another release')
  await adding.exec()
}

async function found(keys: readonly string[]): Promise<readonly string[]> {
  const late = joined()
  const records = await Promise.all(keys.map(key => late.read(key)))
  return keys.filter((_, index) => records[index] !== undefined)
}

describe('a process that starts when the log no longer has an invalidation', () => {
  it('learns of it by its mark, and that later records are newer', async () => {
    const early = joined()
    for (const key of ['red', 'blue', 'again']) await early.set(key, { ...MADE, tags: [key] })
    expect(await early.invalidateTags(['red', 'again'])).toBe(true)
    await early.set('again', { ...MADE, tags: ['again'] })
    await muchHappens()
    expect(await found(['red', 'blue', 'again'])).toEqual(['blue', 'again'])
    expect(await early.clear()).toBe(true)
    await early.set('blue', { ...MADE, tags: ['blue'] })
    await muchHappens()
    expect(await found(['red', 'blue', 'again'])).toEqual(['blue'])
  })

  it.each([
    ['are lost', () => hands.del(MARKS)],
    ['are of a foreign type', () => hands.pipeline().del(MARKS).set(MARKS, 'text').exec()],
    ['have no floor', () => hands.zrem(MARKS, '')],
    ['have a floor that is no position', () => hands.zadd(MARKS, 1e22, '')],
  ])('takes nothing from before for current where the marks %s', async (_name, lose) => {
    const early = joined()
    for (const key of ['red', 'blue']) await early.set(key, { ...MADE, tags: [key] })
    await early.invalidateTags(['red'])
    await muchHappens()
    const late = joined()
    await late.read('nothing')
    await lose()
    // One that read the log before that, and one that comes after it.
    expect([await late.read('red'), await late.read('blue')]).toEqual([undefined, undefined])
    expect(await found(['red', 'blue'])).toEqual([])
    // Its own work comes after everything that it missed.
    await early.invalidate(['other'])
    await early.set('blue', { ...MADE, tags: ['blue'] })
    expect(await found(['red', 'blue'])).toEqual(['blue'])
  })
})

describe('the marks of a space', () => {
  const add = (most: number, ...marks: readonly string[]): Promise<unknown> =>
    hands.eval(ADD_TO_LOG.source, 2, LOG, MARKS, '100', '{}', 'st:1:inv', String(most), ...marks)
  const marked = async (...marks: readonly string[]): Promise<readonly unknown[]> =>
    (await hands.eval(MARKED.source, 1, MARKS, ...marks)) as readonly unknown[]

  it('are bounded: the oldest go, and of those the last is known', async () => {
    for (const mark of ['f:a', 'f:b', 'f:a', 'f:c', 'f:d', 'f:e']) await add(3, mark)
    expect(await hands.zcard(MARKS)).toBe(4)
    const [floor, a, b, ...others] = await marked('f:a', 'f:b', 'f:c', 'f:d', 'f:e')
    expect([a, b]).toEqual(['', ''])
    const times = [floor, ...others].map(Number)
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    expect(new Set(times).size).toBe(4)
    await add(2, ...Array.from({ length: 500 }, (_, index) => `f:${index}`))
    expect(await hands.zcard(MARKS)).toBe(3)
    expect(Number((await marked())[0])).toBeGreaterThan(Number(times.at(-1)))
  })

  it('have a floor that never sinks, also where the server’s clock was put back', async () => {
    await add(2, 'f:a')
    await hands.zadd(MARKS, '1', 'f:old', '2', 'f:older')
    const [floor] = await marked()
    await add(3, 'f:b')
    expect(await hands.zcard(MARKS)).toBe(3)
    expect(Number((await marked())[0])).toBeGreaterThanOrEqual(Number(floor))
  })

  it('and the log are short where what a client sends is long', async () => {
    const tier = joined()
    const long = Array.from({ length: 3_000 }, (_, index) => `${index}${'x'.repeat(16_000)}`)
    for (const tag of long) expect(await tier.invalidateTags([tag])).toBe(true)
    expect(await hands.xlen(LOG)).toBeLessThan(1_100)
    expect(await hands.memory('USAGE', MARKS, 'SAMPLES', 0)).toBeLessThan(3_000 * 300)
    expect((await marked()).length).toBe(1)
  })

  it('counts positions on into the next millisecond if one has too many of them', async () => {
    // The clock has gone back, and all that happens is of this millisecond.
    await hands.xadd(LOG, `${Date.now() + 3_600_000}-66000`, 'o', 'of another release')
    const early = joined()
    await early.clear()
    expect(await early.set('k', { ...MADE, tags: ['t'] })).toBe(true)
    const record = await hands.getBuffer('st:1:{st/f/k}:v')
    expect(await early.invalidateTags(['t'])).toBe(true)
    await hands.set('st:1:{st/f/k}:v', record ?? '')
    await muchHappens()
    expect(await found(['k'])).toEqual([])
  })
})
