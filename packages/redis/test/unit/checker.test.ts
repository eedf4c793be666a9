import { expect, it } from 'vitest'
import { needless, staleReads, unexcused } from '../fleet/checker.ts'
import type { Loaded } from '../fleet/protocol.ts'

const NOTHING: Loaded = { seen: [], fetched: [], changed: [], errors: [] }
const FETCHED = { key: 'key', value: 'old', beganAt: 0 }
const CHANGED = { key: 'key', calledAt: 10, doneAt: 20, fleet: true }
const SEEN = { key: 'key', value: 'old', askedAt: 30, took: 1 }

it('recognises a read of a value from before an acknowledged change', () => {
  const load = { ...NOTHING, seen: [SEEN], fetched: [FETCHED], changed: [CHANGED] }
  expect(staleReads(load)).toEqual([{ key: 'key', after: 10, askedAt: 30, changedAt: 20 }])
})

it('judges nothing where two fetches yielded the same', () => {
  const fetched = [FETCHED, { ...FETCHED, beganAt: 25 }]
  expect(() => staleReads({ ...NOTHING, seen: [SEEN], fetched, changed: [CHANGED] })).toThrow('told apart')
})

it.each([
  ['asked before it came back', { seen: [{ ...SEEN, askedAt: 19 }] }],
  ['fetched after it was called', { fetched: [{ ...FETCHED, beganAt: 11 }] }],
  ['changed another key', { changed: [{ ...CHANGED, key: 'other' }] }],
  ['was told that the fleet has it not', { changed: [{ ...CHANGED, fleet: false }] }],
])('blames nobody who %s', (_name, instead) => {
  const load = { ...NOTHING, seen: [SEEN], fetched: [FETCHED], changed: [CHANGED], ...instead }
  expect(staleReads(load)).toEqual([])
})

it('excuses reads within the grace time, or near a fault', () => {
  const stale = [{ key: 'key', after: 100, askedAt: 1_100, changedAt: 1_000 }]
  expect(unexcused(stale, [], 99)).toEqual(stale)
  expect(unexcused(stale, [], 100)).toEqual([])
  expect(unexcused(stale, [{ what: 'a cut', from: 1_010, to: 1_020 }], 99)).toEqual([])
  expect(unexcused(stale, [{ what: 'a cut', from: 800, to: 900 }], 99)).toEqual(stale)
  expect(unexcused(stale, [{ what: 'a cut', from: 1_101, to: 1_200 }], 99)).toEqual(stale)
})

it('asks for the reason of a second fetch', () => {
  const again = { key: 'key', value: 'new', beganAt: 30 }
  expect(needless({ ...NOTHING, fetched: [again, FETCHED] }, 0)).toEqual([again])
  expect(needless({ ...NOTHING, fetched: [again, FETCHED], changed: [CHANGED] }, 0)).toEqual([])
  expect(needless({ ...NOTHING, fetched: [again, FETCHED], changed: [{ ...CHANGED, calledAt: 31 }] }, 0)).toEqual([
    again,
  ])
})
