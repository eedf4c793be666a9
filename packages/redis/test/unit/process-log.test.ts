import { Gate } from '@stampede/conformance'
import { describe, expect, it } from 'vitest'
import { FakePort, never } from './fake-driver.ts'
import { settled } from './manual-timing.ts'
import { fakeProcess, reachedProcess } from './process.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }

describe('the log', () => {
  it('is followed by announcements', async () => {
    const { port, told } = await reachedProcess()
    port.tells({ s: 'f', k: ['a', 'b'] })
    port.tells({ s: 'f', t: ['t'] })
    port.tells({ s: 'h', k: ['h/#x'] })
    port.tells({ s: 'f' })
    expect(told).toEqual(['key a', 'key b', 'tag t', 'all'])
    expect(port.count('LISTEN')).toBe(0)
  })

  it('is read on where an announcement shows that one was missed', async () => {
    const { port, told } = await reachedProcess()
    port.tells({ s: 'f', k: ['missed'] }, true)
    port.tells({ s: 'f', k: ['heard'] })
    await settled()
    expect(told).toEqual(['key missed', 'key heard', 'resync'])
  })

  it('is read on as long as there is more', async () => {
    const { port, told, timing } = await reachedProcess()
    const listen = port.replies.get('LISTEN') ?? never
    port.replies.set('LISTEN', args => {
      const [time, entries] = listen(args) as readonly [unknown, readonly unknown[]]
      return [time, entries.slice(0, 2), entries.length > 2 ? 1 : 0]
    })
    for (const key of ['a', 'b', 'c']) port.tells({ s: 'f', k: [key] }, true)
    await timing.pass(1_001)
    expect([told, port.count('LISTEN')]).toEqual([['key a', 'key b', 'key c'], 3])
  })

  it('is read with every heartbeat', async () => {
    const { port, told, timing } = await reachedProcess()
    port.tells({ s: 'f', k: ['missed'] }, true)
    await timing.pass(1_001)
    expect(told).toEqual(['key missed'])
  })

  it('that was trimmed, or is another one, flushes what is in memory', async () => {
    const { port, told, timing } = await reachedProcess()
    port.log = [['9-0', '{}']]
    await timing.pass(1_001)
    port.log = [['9-0', '{"another":1}']]
    await timing.pass(1_001)
    expect(told).toEqual(['all', 'flushed', 'all', 'flushed'])
  })

  it('is begun anew where it is gone', async () => {
    const { port, told, timing } = await reachedProcess()
    port.log = []
    await timing.pass(1_001)
    expect([told, port.log]).toHaveLength(2)
    expect(told).toEqual(['all', 'flushed'])
    expect(port.log).toHaveLength(1)
  })

  it('takes replies and messages of any shape', async () => {
    const { port, told, timing } = await reachedProcess()
    for (const reply of [null, 1, [], [1, 2], [[1], [[]]], [null, [null]], 'text']) {
      port.replies.set('LISTEN', () => reply)
      await timing.pass(1_001)
    }
    port.wake('')
    port.wake('C')
    expect(told.filter(said => said !== 'all' && said !== 'flushed')).toEqual([])
  })

  it('that cannot be read for longer than is bearable empties the memory', async () => {
    const { port, told, timing, tier } = await reachedProcess({ maxUnverified: 3_000 })
    port.replies.set('LISTEN', never)
    port.replies.set('PING', never)
    await timing.pass(2_900)
    expect(told.filter(said => said === 'all')).toEqual([])
    expect(tier.degradedTtl).toBe(5_000)
    await timing.pass(1_500)
    expect(told).toContain('all')
    expect(tier.degradedTtl).toBe(0)
  })
})

describe('changes of others that nobody could read', () => {
  it('empty the memory after `maxUnverified`, whenever the next heartbeat is', async () => {
    const { port, told, timing } = await reachedProcess({ heartbeat: 2_000, maxUnverified: 2_500 })
    await timing.pass(900)
    port.replies.set('LISTEN', never)
    port.replies.set('PING', never)
    // It was verified when it was reached, and at its first heartbeat.
    await timing.pass(833 + 2_500 - 900 - 2)
    expect(told.filter(said => said === 'all')).toEqual([])
    await timing.pass(4)
    expect(told.filter(said => said === 'all')).toEqual(['all'])
  })

  it('are known as of the question that told of them, and not while there are more', async () => {
    const { port, told, timing } = await reachedProcess({ heartbeat: 300, maxUnverified: 900 })
    port.replies.set('PING', never)
    const listen = port.replies.get('LISTEN') ?? never
    port.replies.set('LISTEN', args => [...(listen(args) as readonly unknown[]).slice(0, 2), 1])
    await timing.pass(899)
    expect(told).toEqual([])
    await timing.pass(2)
    expect(told).toContain('all')
  })

  it('are few where the log is read often enough for that', async () => {
    const { told, timing } = await reachedProcess({ heartbeat: 10_000, maxUnverified: 1_000 })
    await timing.pass(30_000)
    expect(told).toEqual([])
  })
})

describe('a lease', () => {
  it('that is given late is given back', async () => {
    const { port, tier, timing } = await reachedProcess()
    const gate = new Gate()
    port.replies.set('ACQUIRE', () => gate.passed().then(() => ['LEASE']))
    const turn = tier.acquire('key', ASKED)
    await timing.pass(150)
    expect(await turn).toEqual({ kind: 'local', reason: 'timeout' })
    expect(port.count('RELEASE')).toBe(0)
    gate.open()
    await settled()
    expect(port.count('RELEASE')).toBe(1)
  })

  it('is renewed until the work may take no longer', async () => {
    const { port, tier, timing } = await reachedProcess()
    await tier.acquire('key', { timeout: 2_000, wait: 0 })
    await timing.pass(1_010)
    expect(port.count('RENEW')).toBe(3)
    await timing.pass(5_000)
    expect(port.count('RENEW')).toBeLessThanOrEqual(6)
  })

  it('is not renewed once it was lost', async () => {
    const { port, tier, timing } = await reachedProcess()
    port.replies.set('RENEW', () => 0)
    await tier.acquire('key', ASKED)
    await timing.pass(3_000)
    expect(port.count('RENEW')).toBe(1)
  })
})

describe('closing', () => {
  it('leaves no timer, and ends all that is under way', async () => {
    const made = await reachedProcess()
    await made.tier.acquire('led', ASKED)
    made.port.replies.set('GET', never)
    const read = made.tier.read('key')
    made.port.replies.set('ACQUIRE', () => ['WAIT', Buffer.from('a'.repeat(16)), 60_000])
    const turn = made.tier.acquire('key', ASKED)
    await settled()
    await made.tier.close()
    expect(await read).toBeUndefined()
    expect((await turn).kind).toBe('local')
    await made.timing.pass(1)
    expect([made.timing.pending, made.port.isClosed, made.port.count('RELEASE')]).toEqual([0, true, 1])
  })

  it('leaves no timer while it starts', async () => {
    const port = new FakePort()
    port.isReady = false
    const { tier, timing, told } = fakeProcess({}, port)
    const turn = tier.acquire('key', ASKED)
    await tier.close()
    expect((await turn).kind).toBe('local')
    expect([timing.pending, told]).toEqual([0, ['degrade key: the store does not answer']])
  })
})
