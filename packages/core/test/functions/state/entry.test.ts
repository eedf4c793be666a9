import { describe, expect, it } from 'vitest'
import { type Entry, type EntryOverrides, entryWithOverrides, plainEntry } from '../../../src/functions/state/entry.ts'
import type { Settings } from '../../../src/functions/state/function-options.ts'

const settings: Settings = {
  ttl: 100,
  staleWhileRevalidate: 20,
  staleIfError: 50,
  errorTtl: 10,
  jitter: 0,
  earlyRefresh: 0,
  timeout: 1_000,
  softTimeout: Number.POSITIVE_INFINITY,
  tags: [],
}
const own: EntryOverrides = {
  settings,
  storedAt: 1_000,
  freshUntil: 1_100,
  duration: 5,
  bytes: 7,
  tags: ['t'],
  isFailure: false,
}

const SMALL = 2 ** 30 - 1

function entryOf(freshUntil: number, special?: Partial<EntryOverrides>, some: Settings = settings): Entry<string> {
  const from = { key: 'k', promise: Promise.resolve('v'), settings: some }
  if (special === undefined) return plainEntry(from, 'v', freshUntil, some)
  return entryWithOverrides(from, 'v', { ...own, settings: some, ...special })
}

/** All that can be seen of an entry. */
function seen(entry: Entry<string>): unknown {
  const { freshUntil, calmUntil, bytes, tags, duration, isFailure, retryAt } = entry
  const [storedAt, staleUntil] = [entry.storedAt(settings), entry.staleUntil(settings)]
  const windows = [storedAt, freshUntil, staleUntil, entry.fallbackUntil(settings), entry.goneAt(settings), calmUntil]
  return { windows, bytes, tags, duration, isFailure, retryAt }
}

describe('an entry', () => {
  const nothing = { bytes: 0, tags: [], duration: 0, isFailure: false, retryAt: Number.NEGATIVE_INFINITY }

  it('with nothing of its own goes by its settings, after a failed refresh too', () => {
    const entry = entryOf(1_100)
    const windows = [1_000, 1_100, 1_120, 1_150, 1_150, 1_100]
    expect(seen(entry)).toEqual({ ...nothing, windows })
    expect(entry.settings(settings)).toBe(settings)
    entry.backOff(1_110, settings)
    expect(seen(entry)).toEqual({ ...nothing, windows, retryAt: 2_110 })
    expect(entry.settings(settings)).toBe(settings)
  })

  it('shows what it has of its own', () => {
    const windows = [1_000, 1_100, 1_120, 1_150, 1_150, 1_100]
    expect(seen(entryOf(1_100, {}))).toEqual({
      windows,
      bytes: 7,
      tags: ['t'],
      duration: 5,
      isFailure: false,
      retryAt: Number.NEGATIVE_INFINITY,
    })
  })

  it('that is a failure has no windows, and is never calm', () => {
    expect(seen(entryOf(1_100, { isFailure: true }))).toMatchObject({
      windows: [1_000, 1_100, 1_100, 1_100, 1_100, 0],
      isFailure: true,
    })
  })

  it.each([
    [20, 50, 1_150],
    [50, 20, 1_150],
    [0, 0, 1_100],
  ])('with windows of %i and %i ms is gone at %i', (staleWhileRevalidate, staleIfError, goneAt) => {
    const some = { ...settings, staleWhileRevalidate, staleIfError }
    expect(entryOf(1_100, undefined, some).goneAt(some)).toBe(goneAt)
    expect(entryOf(0, {}, some).goneAt(settings)).toBe(goneAt)
  })

  it('is calm until a draw could bring its refresh forward', () => {
    expect(entryOf(1_100, { duration: 2 }, { ...settings, earlyRefresh: 1 }).calmUntil).toBe(1_060)
  })

  it.each([
    { storedAt: 0, ttl: SMALL - 1, calm: SMALL - 1 },
    { storedAt: 0, ttl: SMALL, calm: SMALL },
    { storedAt: 0, ttl: SMALL + 1, calm: SMALL },
    { storedAt: SMALL - 1, ttl: 5, calm: SMALL },
    { storedAt: SMALL, ttl: 5, calm: SMALL + 5 },
    { storedAt: SMALL + 1, ttl: 5, calm: SMALL + 6 },
  ])('stored at $storedAt for $ttl ms is calm until $calm, whatever else it has', ({ storedAt, ttl, calm }) => {
    const some = { ...settings, ttl }
    const freshUntil = storedAt + ttl
    for (const entry of [entryOf(freshUntil, undefined, some), entryOf(0, { storedAt, freshUntil }, some)]) {
      expect([entry.calmUntil, entry.freshUntil]).toEqual([calm, freshUntil])
    }
  })

  it('backs off from one second to thirty', () => {
    const entry = entryOf(1_100)
    const waits = Array.from({ length: 8 }, () => {
      entry.backOff(0, settings)
      return entry.retryAt
    })
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  })

  it('counts up to three uses', () => {
    const entry = entryOf(1_100)
    const marks = Array.from({ length: 5 }, () => {
      entry.use()
      return entry.mark
    })
    expect(marks).toEqual([1, 2, 3, 3, 3])
  })
})
