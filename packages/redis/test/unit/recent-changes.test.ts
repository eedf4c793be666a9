import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/protocol/change.ts'
import { RecentChanges } from '../../src/changes/recent-changes.ts'
import { Outbox } from '../../src/changes/outbox.ts'

const change = { space: 'f', keys: ['a'] } as const

function journalOf(from: number, to: number, journal: RecentChanges = new RecentChanges()): RecentChanges {
  for (let count = from; count <= to; count += 1) journal.add({ count, position: BigInt(count), change, at: 0 })
  return journal
}

/** The changes that are published again. */
function toldAgain(changes: readonly Change[]): readonly Change[] {
  const outbox = new Outbox()
  for (const missing of changes) outbox.add(missing)
  return outbox.take()
}

describe('the journal', () => {
  it('gives what a log lacks, once', () => {
    const journal = journalOf(1, 4)
    journal.saw(3, 0)
    expect(journal.takeMissing(0, 0)).toEqual([change, change, change])
    expect(journal.takeMissing(0, 0)).toEqual([])
    expect(journal.size).toBe(1)
  })

  it('returns unread changes from before a position', () => {
    const journal = journalOf(1, 4)
    journal.saw(1, 0)
    expect(journal.unseenBefore(4n, 0).map(({ count }) => count)).toEqual([2, 3])
    expect(journal.size).toBe(4)
  })

  it('does not judge changes that were published after the log was requested', () => {
    const journal = journalOf(1, 1)
    journal.add({ count: 2, position: 2n, change, at: 11 })
    expect(journal.takeMissing(10, 12)).toEqual([change])
    expect(journal.takeMissing(11, 12)).toEqual([change])
    expect(journal.size).toBe(0)
  })

  it('checks another log again, and forgets after a minute', () => {
    const journal = journalOf(1, 1)
    journal.saw(1, 0)
    expect(journal.takeMissing(0, 0)).toEqual([])
    journal.forgetSeen()
    expect(journal.takeMissing(60_000, 60_000)).toEqual([])
    expect(journal.size).toBe(0)
  })

  it('does not keep read changes without a reply forever', () => {
    const journal = journalOf(1, 1)
    for (let count = 1; count <= 3; count += 1) journal.saw(count, 0)
    journal.add({ count: 4, position: 4n, change, at: 119_999 })
    expect(journal.seen).toBe(2)
    journal.add({ count: 5, position: 5n, change, at: 120_000 })
    expect(journal.seen).toBe(0)
  })

  it('recognises a late reply to a change that was read', () => {
    const journal = new RecentChanges()
    journal.saw(1, 0)
    expect(journalOf(1, 1, journal).takeMissing(59_999, 59_999)).toEqual([])
  })

  it('replaces changes without room by clearing their space', () => {
    const journal = journalOf(0, 1_001)
    const missing = journal.takeMissing(0, 0)
    expect(missing.slice(0, 3)).toEqual([{ space: 'f' }, { space: 'f' }, change])
    expect([missing.length, journal.size]).toEqual([1_002, 0])
  })

  it.each([
    ['all were seen', Number.POSITIVE_INFINITY, []],
    ['one was not', 7, [{ space: 'f' }]],
  ])('is bounded, and knows of what it forgot whether %s', (_what, unseen, expected) => {
    const journal = new RecentChanges()
    for (let count = 0; count < 50_000; count += 1) {
      journalOf(count, count, journal)
      if (count !== unseen) journal.saw(count, 0)
    }
    expect([journal.size, journal.seen]).toEqual([21_000, expected.length === 0 ? 21_001 : 21_000])
    expect(toldAgain(journal.takeMissing(0, 0))).toEqual(expected)
    expect(journal.takeMissing(0, 0)).toEqual([])
    journal.forgetSeen()
    expect(toldAgain(journal.takeMissing(0, 0))).toEqual([{ space: 'f' }])
    expect([journalOf(0, 50_000, journal).takeMissing(60_000, 60_000), journal.size]).toEqual([[], 0])
  })

  it('does not look up forgotten unread changes: their space is published again as a whole', () => {
    const journal = journalOf(1, 30_000)
    expect(journal.unseenBefore(30_001n, 0)).toHaveLength(21_000)
    expect(toldAgain(journal.takeMissing(0, 0))).toEqual([{ space: 'f' }])
  })
})
