import { expect, it } from 'vitest'
import type { LocalTier, NewRecord, SharedTier, AcquireResult } from '../../core/src/fleet/shared-store.ts'
import { FakeFleet } from '../src/fake-fleet.ts'
import { TestClock } from '../src/test-clock.ts'

const LEASE = 1_000
const ASKED = { timeout: 30_000, wait: 30_000 }
const RECORD: NewRecord = {
  body: 'body',
  meta: null,
  tags: [],
  ttl: 5_000,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  duration: 1,
}

function setUp() {
  const clock = new TestClock()
  const fleet = new FakeFleet({ clock, lease: LEASE })
  const told: string[] = []
  const join = (name: string, space: LocalTier['space'] = 'f') => {
    const store = fleet.store()
    const tier = store.join({
      space,
      drop: keys => void told.push(`${name} drop ${keys.join()}`),
      dropTags: tags => void told.push(`${name} dropTags ${tags.join()}`),
      dropAll: () => void told.push(`${name} dropAll`),
      emit: event => void told.push(`${name} ${event.type}`),
    })
    return { store, tier }
  }
  return { clock, fleet, told, join }
}

async function lead(tier: SharedTier, key: string, asked = ASKED) {
  return leaseOf(await tier.acquire(key, asked))
}

function leaseOf(turn: AcquireResult) {
  if (turn.kind !== 'lead') throw new Error(`no lease, but ${turn.kind}`)
  return turn.lease
}

it('holds a lease for as long as its process renews it, and no longer than the work may take', async () => {
  const { clock, fleet, join } = setUp()
  const [a, b] = [join('a'), join('b')]
  const late = await lead(a.tier, 'key', { timeout: 5_000, wait: 0 })
  const waiting = b.tier.acquire('key', ASKED)
  await fleet.sent.until('waiting', 1)
  clock.advance(5_000)
  expect(await b.tier.acquire('key', { ...ASKED, wait: 0 })).toEqual({ kind: 'busy' })
  clock.advance(LEASE)
  const lease = leaseOf(await waiting)
  expect(await late.commit(RECORD)).toBe('fenced')
  expect(await lease.commit(RECORD)).toBe('stored')
})

it('lets the lease of a dead process lapse, and tells it nothing', async () => {
  const { clock, fleet, told, join } = setUp()
  const [a, b] = [join('a'), join('b')]
  const late = await lead(a.tier, 'key')
  clock.advance(10_000)
  fleet.kill(a.store)
  const waiting = b.tier.acquire('key', ASKED)
  await fleet.sent.until('waiting', 1)
  clock.advance(LEASE)
  await leaseOf(await waiting).commit(RECORD)
  expect(await late.commit(RECORD)).toBe('fenced')
  await b.tier.invalidate(['key'])
  expect(told).toEqual([])
  fleet.revive(a.store)
  expect(told).toEqual(['a dropAll', 'a resync'])
})

it('answers nobody while it is stopped, and has the changes that it missed before all else', async () => {
  const { fleet, told, join } = setUp()
  const [a, b] = [join('a'), join('b')]
  await a.tier.set('key', RECORD)
  await lead(a.tier, 'other')
  const waiting = b.tier.acquire('other', ASKED)
  await fleet.sent.until('waiting', 1)
  fleet.stop()
  expect(await waiting).toMatchObject({ kind: 'local' })
  expect(await b.tier.read('key')).toBeUndefined()
  expect(await b.tier.invalidate(['key'])).toBe(false)
  fleet.start()
  expect(await b.tier.read('key')).toBeUndefined()
  expect(told).toEqual([
    'b drop key',
    'a breaker',
    'b breaker',
    'a breaker',
    'b breaker',
    'a resync',
    'b resync',
    'a drop key',
  ])
})

it('holds requests back before they take effect, and replies after', async () => {
  const { fleet, join } = setUp()
  const [a, b] = [join('a'), join('b')]
  fleet.hold('set', 'request')
  const set = a.tier.set('key', RECORD)
  expect(await b.tier.read('key')).toBeUndefined()
  fleet.release('set', 'request')
  await set
  fleet.hold('read')
  const read = b.tier.read('key')
  await a.tier.invalidate(['key'])
  fleet.release()
  expect(await read).toMatchObject({ age: 0, ttl: 5_000 })
})

it('gives back a lease whose reply comes when its process waits for it no more', async () => {
  const { fleet, join } = setUp()
  const [a, b] = [join('a'), join('b')]
  fleet.hold('acquire')
  const acquired = a.tier.acquire('key', ASKED)
  await fleet.sent.until('acquire', 1)
  await Promise.resolve()
  fleet.stop()
  expect(await acquired).toMatchObject({ kind: 'local' })
  fleet.start()
  fleet.release()
  expect(await b.tier.acquire('key', ASKED)).toMatchObject({ kind: 'lead' })
})
