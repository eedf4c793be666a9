import { describe, expect, it } from 'vitest'
import { type KeyChange, KeyChanges } from '../../src/key-changes.ts'
import { type FakeProcess, reachedProcess } from './process.ts'

const change = (told: string, at = 0): KeyChange => ({ space: 'f', told, at })

describe('the keys that were changed lately', () => {
  it('are doubted for 50 s after a failover, and not before', () => {
    const changes = new KeyChanges()
    changes.saw('1', 0)
    changes.add(change('a'))
    changes.saw('1', 1)
    expect(changes.takeDoubted(1)).toEqual([])
    changes.saw('2', 2)
    expect(changes.takeDoubted(2)).toEqual([change('a')])
    expect(changes.takeDoubted(2)).toEqual([])
    changes.add(change('b', 50_001))
    expect(changes.takeDoubted(50_001)).toEqual([change('b', 50_001)])
    changes.add(change('c', 50_002))
    expect(changes.takeDoubted(50_002)).toEqual([])
  })

  it('are each one, whose last change counts, and are forgotten after 50 s', () => {
    const changes = new KeyChanges()
    changes.saw('1', 0)
    for (const one of [change('a'), change('b', 1), change('a', 2)]) changes.add(one)
    changes.saw('2', 3)
    expect(changes.takeDoubted(50_000)).toEqual([change('b', 1), change('a', 2)])
    changes.add(change('old'))
    changes.add(change('new', 50_000))
    expect(changes.size).toBe(1)
  })

  it('are bounded', () => {
    const changes = new KeyChanges()
    changes.saw('1', 0)
    for (let count = 0; count < 30_000; count += 1) changes.add(change(String(count)))
    expect(changes.size).toBe(20_000)
    changes.saw('2', 0)
    expect(changes.takeDoubted(0)[0]).toEqual(change('10000'))
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
  it('has the fleet told again of what the key’s shard lost', async () => {
    const { port, timing, told } = await changedInCluster()
    port.epoch = '8'
    port.replies.set('EXISTS', () => 0)
    await timing.pass(1_001)
    expect(told).toContain('open: changes of ours were lost')
    expect(port.log.filter(([, text]) => text.includes('"k":["key"]'))).toHaveLength(2)
    expect(port.count('INVALIDATE')).toBe(2)
  })

  it('has it looked after with each heartbeat for a while, and told of nothing that stands', async () => {
    const { port, timing, told } = await changedInCluster()
    port.epoch = '8'
    await timing.pass(60_000)
    expect([port.count('EXISTS'), port.count('INVALIDATE'), told]).toEqual([49, 1, []])
  })

  it('has it told again where the shard does not say', async () => {
    const { port, timing } = await changedInCluster()
    port.epoch = '8'
    port.replies.set('EXISTS', () => {
      throw new Error('CLUSTERDOWN')
    })
    await timing.pass(1_001)
    expect(port.count('INVALIDATE')).toBe(2)
  })
})
