import { Gate } from '@stampede/conformance'
import { describe, expect, it } from 'vitest'
import { FakeDriver, never } from './fake-driver.ts'
import { settled } from './manual-timing.ts'
import { fakeProcess, reachedProcess } from './process.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }

describe('the log', () => {
  it('is followed by announcements', async () => {
    const { driver, told } = await reachedProcess()
    driver.tells({ s: 'f', k: ['a', 'b'] })
    driver.tells({ s: 'f', t: ['t'] })
    driver.tells({ s: 'h', k: ['h/#x'] })
    driver.tells({ s: 'f' })
    expect(told).toEqual(['key a', 'key b', 'tag t', 'all'])
    expect(driver.count('LISTEN')).toBe(0)
  })

  it('is read on where an announcement shows that one was missed', async () => {
    const { driver, told } = await reachedProcess()
    driver.tells({ s: 'f', k: ['missed'] }, true)
    driver.tells({ s: 'f', k: ['heard'] })
    await settled()
    expect(told).toEqual(['key missed', 'key heard', 'resync'])
  })

  it('is read on as long as there is more', async () => {
    const { driver, told, timing } = await reachedProcess()
    const listen = driver.replies.get('LISTEN') ?? never
    driver.replies.set('LISTEN', args => {
      const [time, entries] = listen(args) as readonly [unknown, readonly unknown[]]
      return [time, entries.slice(0, 2), entries.length > 2 ? 1 : 0]
    })
    for (const key of ['a', 'b', 'c']) driver.tells({ s: 'f', k: [key] }, true)
    await timing.pass(1_001)
    expect([told, driver.count('LISTEN')]).toEqual([['key a', 'key b', 'key c'], 3])
  })

  it('is read with every heartbeat', async () => {
    const { driver, told, timing } = await reachedProcess()
    driver.tells({ s: 'f', k: ['missed'] }, true)
    await timing.pass(1_001)
    expect(told).toEqual(['key missed'])
  })

  it('that was trimmed, or is another one, clears the memory', async () => {
    const { driver, told, timing } = await reachedProcess()
    driver.log = [['9-0', '{}']]
    await timing.pass(1_001)
    driver.log = [['9-0', '{"another":1}']]
    await timing.pass(1_001)
    expect(told).toEqual(['all', 'flushed', 'all', 'flushed'])
  })

  it('is started again if it is gone', async () => {
    const { driver, told, timing } = await reachedProcess()
    driver.log = []
    await timing.pass(1_001)
    expect([told, driver.log]).toHaveLength(2)
    expect(told).toEqual(['all', 'flushed'])
    expect(driver.log).toHaveLength(1)
  })

  it('takes replies and messages of any shape', async () => {
    const { driver, told, timing } = await reachedProcess()
    for (const reply of [null, 1, [], [1, 2], [[1], [[]]], [null, [null]], 'text']) {
      driver.replies.set('LISTEN', () => reply)
      await timing.pass(1_001)
    }
    driver.wake('')
    driver.wake('C')
    expect(told.filter(said => said !== 'all' && said !== 'flushed')).toEqual([])
  })

  it('that cannot be read for longer than is bearable empties the memory', async () => {
    const { driver, told, timing, tier } = await reachedProcess({ maxDisconnected: 3_000 })
    driver.replies.set('LISTEN', never)
    driver.replies.set('PING', never)
    await timing.pass(2_900)
    expect(told.filter(said => said === 'all')).toEqual([])
    expect(tier.degradedTtl).toBe(5_000)
    await timing.pass(1_500)
    expect(told).toContain('all')
    expect(tier.degradedTtl).toBe(0)
  })
})

describe('unreadable changes of others', () => {
  it('empty the memory after `maxUnverified`, whenever the next heartbeat is', async () => {
    const { driver, told, timing } = await reachedProcess({ syncInterval: 2_000, maxDisconnected: 2_500 })
    await timing.pass(900)
    driver.replies.set('LISTEN', never)
    driver.replies.set('PING', never)
    // It was verified when it was reached, and at its first heartbeat.
    await timing.pass(833 + 2_500 - 900 - 2)
    expect(told.filter(said => said === 'all')).toEqual([])
    await timing.pass(4)
    expect(told.filter(said => said === 'all')).toEqual(['all'])
  })

  it('are known as of the request that returned them, and not while there are more', async () => {
    const { driver, told, timing } = await reachedProcess({ syncInterval: 300, maxDisconnected: 900 })
    driver.replies.set('PING', never)
    const listen = driver.replies.get('LISTEN') ?? never
    driver.replies.set('LISTEN', args => [...(listen(args) as readonly unknown[]).slice(0, 2), 1])
    await timing.pass(899)
    expect(told).toEqual([])
    await timing.pass(2)
    expect(told).toContain('all')
  })

  it('are few where the log is read often enough for that', async () => {
    const { told, timing } = await reachedProcess({ syncInterval: 10_000, maxDisconnected: 1_000 })
    await timing.pass(30_000)
    expect(told).toEqual([])
  })
})

describe('a lease', () => {
  it('that is given late is given back', async () => {
    const { driver, tier, timing } = await reachedProcess()
    const gate = new Gate()
    driver.replies.set('ACQUIRE', () => gate.passed().then(() => ['LEASE']))
    const turn = tier.acquire('key', ASKED)
    await timing.pass(150)
    expect(await turn).toEqual({ kind: 'local', reason: 'timeout' })
    expect(driver.count('RELEASE')).toBe(0)
    gate.open()
    await settled()
    expect(driver.count('RELEASE')).toBe(1)
  })

  it('is renewed until the work may take no longer', async () => {
    const { driver, tier, timing } = await reachedProcess()
    await tier.acquire('key', { timeout: 2_000, wait: 0 })
    await timing.pass(1_010)
    expect(driver.count('RENEW')).toBe(3)
    await timing.pass(5_000)
    expect(driver.count('RENEW')).toBeLessThanOrEqual(6)
  })

  it('is not renewed once it was lost', async () => {
    const { driver, tier, timing } = await reachedProcess()
    driver.replies.set('RENEW', () => 0)
    await tier.acquire('key', ASKED)
    await timing.pass(3_000)
    expect(driver.count('RENEW')).toBe(1)
  })
})

describe('closing', () => {
  it('leaves no timer, and ends everything in progress', async () => {
    const made = await reachedProcess()
    await made.tier.acquire('led', ASKED)
    made.driver.replies.set('GET', never)
    const read = made.tier.read('key')
    made.driver.replies.set('ACQUIRE', () => ['WAIT', Buffer.from('a'.repeat(16)), 60_000])
    const turn = made.tier.acquire('key', ASKED)
    await settled()
    await made.tier.close()
    expect(await read).toBeUndefined()
    expect((await turn).kind).toBe('local')
    await made.timing.pass(1)
    expect([made.timing.pending, made.driver.isClosed, made.driver.count('RELEASE')]).toEqual([0, true, 1])
  })

  it('leaves no timer while it starts', async () => {
    const driver = new FakeDriver()
    driver.isReady = false
    const { tier, timing, told } = fakeProcess({}, driver)
    const turn = tier.acquire('key', ASKED)
    await tier.close()
    expect((await turn).kind).toBe('local')
    expect([timing.pending, told]).toEqual([0, ['degrade key: the store does not answer']])
  })
})
