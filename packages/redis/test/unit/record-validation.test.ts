import { describe, expect, it } from 'vitest'
import { isCurrent } from '../../src/changes/record-validation.ts'
import { reachedProcess } from './process.ts'

const MS = 65_536n
/** A score of the store: milliseconds, and the number within them. */
const score = (ms: number, sequence = 0): string => String(ms * 1_024 + sequence)

/** A process whose table knows nothing of what was before 100 ms, over a store that says these scores. */
async function processWith(...scores: readonly unknown[]) {
  const { driver, fleet } = await reachedProcess()
  fleet.invalidations.reset(100n * MS)
  driver.replies.set('MARKED', () => scores)
  const ask = async (asOf: bigint, ...tags: readonly string[]): Promise<boolean> =>
    isCurrent({ asOf, tags }, 'f', fleet)
  return { driver, fleet, ask }
}

describe('a record that is older than what the table knows', () => {
  it('is current where its marks are older, to the position, and is asked for once', async () => {
    const { ask, driver } = await processWith(score(0), score(50, 7), score(20))
    expect(await ask(50n * MS + 7n, 't')).toBe(true)
    expect(await ask(50n * MS + 6n, 't')).toBe(false)
    expect(driver.count('MARKED')).toBe(1)
  })

  it('is not where a mark that went from the store may be newer', async () => {
    const { ask } = await processWith(score(40), '', '')
    expect([await ask(40n * MS, 't'), await ask(39n * MS, 't')]).toEqual([true, false])
  })

  it('is not valid if the number within a millisecond exceeds the scores', async () => {
    const { ask } = await processWith(score(0), '', score(50, 1_023))
    expect([await ask(50n * MS + 2_000n, 't'), await ask(51n * MS, 't')]).toEqual([false, true])
  })

  it.each([
    ['nothing', []],
    ['too little', [score(1)]],
    ['no floor', ['', '', '']],
    ['no numbers', ['x', {}, null]],
    ['numbers of no position', ['-1', '1e22', 'NaN']],
    ['halves', ['0.5', '0.5', '0.5']],
  ])('is not where the store says %s, and what is newer is all the same', async (_name, said) => {
    const { ask } = await processWith(...said)
    expect([await ask(99n * MS, 't'), await ask(100n * MS, 't')]).toEqual([false, true])
  })

  it('is not valid, without asking the store, with more tags than are looked up', async () => {
    const { ask, driver, fleet } = await processWith()
    const tags = Array.from({ length: 1_001 }, (_, index) => `tag ${index}`)
    expect([await ask(99n * MS, ...tags), await ask(100n * MS, ...tags)]).toEqual([false, true])
    expect([driver.count('MARKED'), fleet.invalidations.size]).toEqual([0, 0])
  })
})
