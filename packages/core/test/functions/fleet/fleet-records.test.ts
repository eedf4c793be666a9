import { expect, it } from 'vitest'
import { setUpFleet, TTL } from '../../support/fleets.ts'

it.each([
  ['fresh', 0],
  ['stale', TTL],
])('a %s record whose tag is invalidated while it is read is kept by nobody', async (_state, age) => {
  const { clock, fleet, gate, tally, fetch, join } = setUpFleet({ staleWhileRevalidate: 60_000 })
  const [a, b] = [join(), join()]
  gate.open()
  await a.set('k', 'old', { tags: ['t'] })
  clock.advance(age)
  fleet.hold('read')
  const asked = b.get('k', fetch)
  await fleet.sent.until('read', 1)
  const change = b.invalidateTags('t')
  fleet.release('read')
  // Earlier callers may have it; later ones do not.
  expect(await asked).toBe(age === 0 ? 'old' : 'run 1')
  await change
  expect(await b.get('k', fetch)).toBe('run 1')
  expect(tally.count('runs')).toBe(1)
})

it('a record from the store is reported, and whether another process made it in the meantime', async () => {
  const { fleet, gate, tally, events, fetch, join } = setUpFleet()
  const [a, b] = [join(), join()]
  const made = a.get('k', fetch)
  await tally.until('runs', 1)
  const waited = b.get('k', fetch)
  await fleet.sent.until('waiting', 1)
  gate.open()
  expect(await Promise.all([made, waited])).toEqual(['run 1', 'run 1'])
  expect(events.filter(({ type }) => type === 'shared')).toEqual([{ type: 'shared', key: 'k', collapsed: true }])
  expect(await join().get('k', fetch)).toBe('run 1')
  expect(events).toContainEqual({ type: 'shared', key: 'k', collapsed: false })
})
