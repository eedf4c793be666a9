import type { SharedTier } from '@stampede/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { ASKED, LEASE, LOG, MADE, RECORD, lead, stored, useTiers } from './use-tiers.ts'

const { hands, joined: join } = await useTiers()
const joined = (): SharedTier => join().tier

describe('an id in the log that is later than any time', () => {
  it.each(['300000000000000-0', '999999999999999-7', '18446744073709551615-0'])(
    'keeps nobody from anything: %s',
    async id => {
      const [a, b] = [joined(), joined()]
      await Promise.all([a, b].map(stored))
      await hands.xadd(LOG, id, 'o', 'foreign')
      for (const tier of [a, b]) expect(await tier.invalidate(['other'])).toBe(true)
      const passing = await lead(a, 'passed')
      passing.pass(1_000, 'caller')
      expect(await b.acquire('passed', ASKED)).toEqual({ kind: 'pass', each: 'caller' })
      expect(await a.set('key', MADE)).toBe(true)
      expect(await stored(b)).toBe('body')
      await b.invalidateTags(['red'])
      expect(await stored(b)).toBeUndefined()
      await (await lead(a)).commit(MADE)
      expect(await stored(b)).toBe('body')
      await a.clear()
      expect(await stored(a)).toBeUndefined()
    },
  )
})

it('a log with the greatest possible id starts anew', async () => {
  const [a, b] = [joined(), joined()]
  await a.set('key', MADE)
  await hands.xadd(LOG, '18446744073709551615-18446744073709551615', 'o', 'foreign')
  await eventually(() => a.invalidate(['other']))
  await a.set('key', MADE)
  await eventually(async () => (await stored(b)) === 'body')
  expect(await b.invalidateTags(['red'])).toBe(true)
  expect(await stored(b)).toBeUndefined()
  await eventually(async () => (await stored(a)) === undefined)
})

it('a change that is announced ahead of time makes nothing later than the changes that are to come', async () => {
  const [a, b] = [joined(), joined()]
  await Promise.all([a, b].map(stored))
  const last = (await hands.xrevrange(LOG, '+', '-', 'COUNT', 1))[0]?.[0]
  await hands.publish('st:1:inv', `${last} ${Date.now() + 3_600_000}-0 forged`)
  expect(await (await lead(a)).commit(MADE)).toBe('stored')
  expect(await stored(b)).toBe('body')
  expect(await b.invalidateTags(['red'])).toBe(true)
  expect(await stored(b)).toBeUndefined()
  await eventually(async () => (await stored(a)) === undefined)
})

it('a lease that never ends is none', async () => {
  const tier = joined()
  await hands.hset(LEASE, 't', 'a'.repeat(16))
  expect(await (await lead(tier)).commit(MADE)).toBe('stored')
  expect(await hands.exists(LEASE)).toBe(0)
})

it('a lease with more time left than a renewal gives is none: the server’s clock went back', async () => {
  const tier = joined()
  await hands.hset(LEASE, 't', 'a'.repeat(16), 'm', '1000')
  await hands.pexpire(LEASE, 600_000)
  expect(await (await lead(tier)).commit(MADE)).toBe('stored')
})

it('a lease of a process that has longer ones is one', async () => {
  const [long, short] = [join({ leaseTtl: 600_000 }), joined()]
  await lead(long.tier)
  expect(await short.acquire('key', { ...ASKED, wait: 0 })).toEqual({ kind: 'busy' })
})

it('a log of entries of a megabyte is as large as one of many that are long', async () => {
  const tier = joined()
  const long = 'x'.repeat(2 ** 20)
  for (let count = 0; count < 80; count += 1) expect(await tier.invalidateTags([`${count} ${long}`])).toBe(true)
  expect(await hands.xlen(LOG)).toBeLessThan(65)
})

it('a server that forgets its scripts takes changes in their order', async () => {
  const [a, b] = [joined(), joined()]
  await Promise.all([a, b].map(stored))
  await hands.script('FLUSH')
  await b.invalidate(['other'])
  expect(await Promise.all([a.set('key', MADE), a.invalidate(['key'])])).toEqual([true, true])
  expect(await hands.exists(RECORD)).toBe(0)
})

it('a log of long entries is read by a new process, and by one that missed all of them', async () => {
  const [maker, behind] = [joined(), join({ commandTimeout: 100, syncInterval: 300 })]
  for (const key of ['key', 'tagged']) await maker.set(key, { ...MADE, tags: [key] })
  await hands.call('ACL', 'SETUSER', 'default', '-publish')
  onTestFinished(async () => void (await hands.call('ACL', 'SETUSER', 'default', '+publish')))
  expect(await stored(behind.tier)).toBe('body')
  const long = 'x'.repeat(45_000)
  for (let count = 0; count < 900; count += 10)
    await Promise.all(Array.from({ length: 10 }, (_, index) => maker.invalidateTags([`${count + index} ${long}`])))
  expect(await maker.invalidateTags(['tagged'])).toBe(true)
  await eventually(() => behind.told.includes('tag tagged'))
  const late = join({ commandTimeout: 100 })
  await eventually(async () => (await stored(late.tier)) === 'body')
  expect(await late.tier.read('tagged')).toBeUndefined()
})
