import { describe, expect, it } from 'vitest'
import { type KeyChange, KeyChanges } from '../../src/changes/key-changes.ts'
import { type FakeProcess, reachedProcess } from './process.ts'

const change = (told: string, at = 0): KeyChange => ({ space: 'f', key: told, at })

describe('the keys that were changed lately', () => {
  it('are doubted twice after a failover, where they were changed before it', () => {
    const changes = new KeyChanges()
    changes.saw('1', 0)
    changes.add(change('a'))
    changes.saw('1', 1)
    expect(changes.doubted(1)).toEqual([])
    changes.saw('2', 2)
    changes.add(change('b', 3))
    expect([2, 3, 4].map(now => changes.doubted(now))).toEqual([[change('a')], [change('a')], []])
  })

  it('are kept until their shards answer, and are checked in turn', () => {
    const changes = new KeyChanges()
    for (const one of [change('a'), change('b'), change('a')]) changes.answered(one, false)
    expect(changes.unanswered()).toEqual([change('b'), change('a')])
    changes.answered(change('b'), true)
    expect(changes.unanswered()).toEqual([change('a')])
    for (let count = 0; count < 7_000; count += 1) changes.answered(change(String(count)), false)
    expect(changes.unanswered()).toHaveLength(5_000)
    expect(changes.unanswered()[0]).toEqual(change('a'))
  })

  it('are each one, whose last change counts, and are forgotten after 50 s', () => {
    const changes = new KeyChanges()
    changes.saw('1', 0)
    for (const one of [change('a'), change('b', 1), change('a', 2)]) changes.add(one)
    changes.saw('2', 3)
    expect(changes.doubted(50_000)).toEqual([change('b', 1), change('a', 2)])
    expect(changes.doubted(50_001)).toEqual([change('a', 2)])
    changes.add(change('new', 50_002))
    expect(changes.size).toBe(1)
  })

  it('are bounded', () => {
    const changes = new KeyChanges()
    changes.saw('1', 0)
    for (let count = 0; count < 7_000; count += 1) changes.add(change(String(count)))
    expect(changes.size).toBe(5_000)
    changes.saw('2', 1)
    expect(changes.doubted(1)[0]).toEqual(change('2000'))
  })

  it('are none where there is no cluster', () => {
    const changes = new KeyChanges()
    changes.saw('', 0)
    changes.add(change('a'))
    expect(changes.size).toBe(0)
  })
})

/** A process in a cluster, which has changed a key. */
async function changedInCluster(): Promise<FakeProcess> {
  const made = await reachedProcess({}, '7')
  await made.tier.invalidate(['key'])
  return made
}

describe('a failover in a cluster', () => {
  it.each([
    ['there is nothing of it', -2],
    ['there is an earlier change', 58_900],
  ])('has the fleet told again of what the key’s shard lost, once: %s', async (_what, left) => {
    const { driver, timing, told } = await changedInCluster()
    driver.epoch = '8'
    driver.replies.set('PTTL', () => left)
    await timing.pass(10_000)
    expect(told).toContain('open: changes of ours were lost')
    expect(driver.log.filter(([, text]) => text.includes('"k":["key"]'))).toHaveLength(2)
    expect(driver.count('INVALIDATE')).toBe(2)
  })

  it.each([
    ['it', 59_000],
    ['a later one', 60_000],
  ])('has nothing told of what stands: %s', async (_what, left) => {
    const { driver, timing, told } = await changedInCluster()
    driver.epoch = '8'
    driver.replies.set('PTTL', () => left)
    await timing.pass(10_000)
    expect([driver.count('PTTL'), driver.count('INVALIDATE'), told]).toEqual([2, 1, []])
  })

  it('has it asked for again where the shard does not say', async () => {
    const { driver, timing, told } = await changedInCluster()
    driver.epoch = '8'
    let asked = 0
    driver.replies.set('PTTL', () => {
      asked += 1
      if (asked < 5) throw new Error('ERR not now')
      return 60_000
    })
    await timing.pass(10_000)
    expect([asked, driver.count('INVALIDATE'), told]).toEqual([5, 1, []])
  })

  it.each([
    ['lost it', -2, 2],
    ['has a later one', 60_000, 1],
  ])('has the fleet told again of it after however long a silence of a shard that %s', async (_what, left, runs) => {
    const { driver, timing } = await changedInCluster()
    driver.epoch = '8'
    driver.replies.set('PTTL', () => {
      throw new Error('ERR not now')
    })
    await timing.pass(70_000)
    expect(driver.count('INVALIDATE')).toBe(1)
    driver.replies.set('PTTL', () => left)
    await timing.pass(10_000)
    expect(driver.count('INVALIDATE')).toBe(runs)
  })
})
