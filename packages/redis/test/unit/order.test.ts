import { Gate } from '@stampede/conformance'
import type { SharedLease } from '@stampede/core'
import { describe, expect, it } from 'vitest'
import { newToken, tokenBytes } from '../../src/base/bytes.ts'
import { Lease } from '../../src/leases/lease.ts'
import { settled } from './manual-timing.ts'
import { MADE, reachedProcess } from './process.ts'

describe('changes', () => {
  it('of one key come one after the other, also where the server does not know the script', async () => {
    const { driver, tier } = await reachedProcess()
    driver.replies.set('SET', () => {
      throw new Error('NOSCRIPT No matching script')
    })
    const gate = new Gate()
    driver.replies.set('EVAL', () => gate.passed().then(() => 1))
    const from = driver.calls.length
    const changes = [tier.set('k', MADE), tier.invalidate(['k']), tier.invalidate(['other'])]
    await settled()
    expect(driver.calls.slice(from)).toEqual(['PERMIT', 'INVALIDATE', 'SET', 'EVAL', 'LOG'])
    gate.open()
    expect(await Promise.all(changes)).toEqual([true, true, true])
    expect(driver.calls.slice(from + 5)).toEqual(['LOG', 'INVALIDATE', 'LOG'])
  })

  it('that were given up are not sent again', async () => {
    const { driver, tier, timing } = await reachedProcess()
    const gate = new Gate()
    driver.replies.set('SET', async () => {
      await gate.passed()
      throw new Error('NOSCRIPT No matching script')
    })
    const change = tier.set('k', MADE)
    await timing.pass(150)
    expect(await change).toBe(false)
    gate.open()
    await settled()
    expect(driver.calls).not.toContain('EVAL')
  })

  it('of tags before a set are older than what it sets, also while the log is still read', async () => {
    const { driver, tier } = await reachedProcess()
    driver.tells({ s: 'f', k: ['missed'] }, true)
    const gate = new Gate()
    const listen = driver.replies.get('LISTEN')
    driver.replies.set('LISTEN', args => gate.passed().then(() => listen?.(args)))
    const changes = [tier.invalidateTags(['t']), tier.set('k', MADE), tier.invalidateTags(['u'])]
    expect(await Promise.all(changes)).toEqual([true, true, true])
    const [record] = driver.sent.filter((_, index) => driver.calls[index] === 'SET').map(args => args[7])
    driver.replies.set('GET', () => record)
    gate.open()
    await settled()
    expect((await tier.read('k'))?.version).toBeDefined()
    await tier.invalidateTags(['t'])
    expect(await tier.read('k')).toBeUndefined()
  })
})

it('a caller behind many changes of its key continues alone after the time limit of one command', async () => {
  const { driver, tier, timing } = await reachedProcess()
  const gates = [new Gate(), new Gate(), new Gate()]
  let sets = 0
  driver.replies.set('SET', async () => {
    const gate = gates[sets]
    sets += 1
    await gate?.passed()
    return 1
  })
  const changes = gates.map(() => tier.set('k', MADE))
  const turn = tier.acquire('k', { timeout: 60_000, wait: 60_000 })
  await settled()
  await timing.pass(90)
  gates[0]?.open()
  await settled()
  await timing.pass(10)
  expect(await turn).toEqual({ kind: 'local', reason: 'changes of the key are still under way' })
  expect([sets, driver.count('ACQUIRE')]).toEqual([2, 0])
  const next = tier.acquire('k', { timeout: 60_000, wait: 60_000 })
  for (const gate of gates) gate.open()
  expect(await Promise.all(changes)).toEqual([true, true, true])
  expect(await next).toMatchObject({ kind: 'lead' })
})

it('without a waiting caller is not requested again', async () => {
  const { driver, tier, timing } = await reachedProcess()
  driver.replies.set('ACQUIRE', () => ['WAIT', tokenBytes(newToken()), 60_000])
  let isWanted = true
  const turn = tier.acquire('k', { timeout: 60_000, wait: 60_000, isWanted: () => isWanted })
  await timing.pass(1_000)
  const asked = driver.count('ACQUIRE')
  expect(asked).toBeGreaterThan(1)
  isWanted = false
  await timing.pass(300)
  expect([await turn, driver.count('ACQUIRE')]).toEqual([{ kind: 'busy' }, asked])
})

it('a caller during invalidations of tags continues after the time limit of one command, with the others', async () => {
  const { driver, tier, timing } = await reachedProcess()
  const gate = new Gate()
  driver.replies.set('LOG', () => gate.passed().then(() => ['0-0', '1-0']))
  const changes = [tier.invalidateTags(['t'])]
  const turn = tier.acquire('k', { timeout: 60_000, wait: 60_000 })
  await settled()
  await timing.pass(99)
  expect(driver.count('ACQUIRE')).toBe(0)
  await timing.pass(1)
  expect([(await turn).kind, driver.count('ACQUIRE')]).toEqual(['lead', 1])
  gate.open()
  expect(await Promise.all(changes)).toEqual([true])
})

it('a second close waits as long as the first one', async () => {
  const { driver, tier } = await reachedProcess()
  const gate = new Gate()
  driver.replies.set('INVALIDATE', () => gate.passed().then(() => 1))
  const change = tier.invalidate(['k'])
  const closings = [tier.close(), tier.close()]
  let ended = 0
  for (const closing of closings) void closing.then(() => (ended += 1))
  await settled()
  expect([ended, driver.isClosed]).toEqual([0, false])
  gate.open()
  expect(await change).toBe(true)
  await Promise.all(closings)
  expect(driver.isClosed).toBe(true)
})

it('a lease is given back also where its work began at no position', async () => {
  const { driver, fleet } = await reachedProcess()
  const held = { fleet, name: 'f/k', token: newToken(), asOf: 2n ** 64n, timeout: 60_000, nameOf: String }
  const lease = new Lease({ ...held, degrade: () => {}, settled: () => {}, follow: () => {} })
  lease.pass(1_000, 'caller')
  await settled()
  expect(driver.count('RELEASE')).toBe(1)
})

it.each<[string, 'RELEASE' | 'COMMIT', (lease: SharedLease) => unknown]>([
  ['were given back', 'RELEASE', lease => lease.release()],
  ['are committed', 'COMMIT', lease => lease.commit(MADE)],
])('closing waits for leases that %s just before', async (_, call, settle) => {
  const { driver, tier } = await reachedProcess()
  const turn = await tier.acquire('k', { timeout: 60_000, wait: 60_000 })
  const gate = new Gate()
  driver.replies.set(call, () => gate.passed().then(() => 1))
  if (turn.kind === 'lead') void settle(turn.lease)
  const closed = tier.close()
  await settled()
  expect([driver.count(call), driver.isClosed]).toEqual([1, false])
  gate.open()
  await closed
  expect(driver.isClosed).toBe(true)
})

it('closing waits for changes in progress', async () => {
  const { driver, tier } = await reachedProcess()
  const gate = new Gate()
  driver.replies.set('INVALIDATE', () => gate.passed().then(() => 1))
  const change = tier.invalidate(['k'])
  const closed = tier.close()
  await settled()
  gate.open()
  expect(await change).toBe(true)
  await closed
  expect([driver.count('LOG'), driver.isClosed]).toEqual([1, true])
})

it('tags that were invalidated here are known at once, also while what others wrote before is still read', async () => {
  const { driver, tier } = await reachedProcess()
  await tier.set('k', MADE)
  const [record] = driver.sent.filter((_, index) => driver.calls[index] === 'SET').map(args => args[7])
  driver.replies.set('GET', () => record)
  expect(await tier.read('k')).toBeDefined()
  driver.tells({ s: 'f', k: ['missed'] }, true)
  const gate = new Gate()
  const listen = driver.replies.get('LISTEN')
  driver.replies.set('LISTEN', args => gate.passed().then(() => listen?.(args)))
  expect(await tier.invalidateTags(['t'])).toBe(true)
  expect(await tier.read('k')).toBeUndefined()
  gate.open()
  await settled()
})
