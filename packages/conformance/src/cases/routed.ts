import { expect, it } from 'vitest'
import type { Fetched, FetchOptions } from '../client.ts'
import type { Scene } from '../stage.ts'
import type { SetUp } from '../suite.ts'

const TTL = 5_000
const PHONE: FetchOptions = { headers: { 'x-as': 'phone' } }
const DESK: FetchOptions = {}

/** Phones get pages of their own, at the targets of all others. */
export const BY_HEADER: Scene = {
  inFront: {
    rewrite: ({ target, header }) => (header('x-as') === 'phone' ? `/m${target}` : target),
  },
  answer: ({ routed }, run) => ({ body: `${routed.split('?', 1)[0]} run ${run}` }),
}

const OPTIONS: Readonly<Record<string, NonNullable<Scene['options']>>> = {
  'no options': {},
  'a key of the app’s own': { key: () => 'one' },
  'a query that does not count': { query: [] },
  'a query in its order': { query: 'sorted' },
}

function bodies(replies: readonly Fetched[]): readonly string[] {
  return replies.map(({ body }) => body)
}

export function routedCases(setUp: SetUp): void {
  for (const [name, options] of Object.entries(OPTIONS)) {
    it(`distinguishes concurrent requests, with ${name}`, async () => {
      const { fetch, burst, gate, runs } = await setUp({ ...BY_HEADER, options })
      const phones = await burst(2, '/p', PHONE)
      const desks = await burst(2, '/p', DESK)
      const other = fetch('/p', { headers: { 'x-as': 'desk' } })
      gate.open()
      const replies = bodies(await Promise.all([...phones, ...desks, other]))
      expect(replies.map(body => body.split(' ')[0])).toEqual(['/m/p', '/m/p', '/p', '/p', '/p'])
      expect(new Set(replies.slice(0, 4)).size).toBe(2)
      expect(runs.count('run')).toBeLessThanOrEqual(3)
    })

    it(`distinguishes stored responses, with ${name}`, async () => {
      const { fetch, gate, runs } = await setUp({ ...BY_HEADER, options: { ttl: TTL, ...options } })
      gate.open()
      for (const _ of [1, 2, 3]) {
        expect((await fetch('/p', PHONE)).body).toBe('/m/p run 1')
        expect((await fetch('/p', DESK)).body).toBe('/p run 2')
      }
      expect(runs.count('run')).toBe(2)
    })
  }

  it('does not answer a request to that target', async () => {
    const { fetch, gate } = await setUp({ ...BY_HEADER, options: { ttl: TTL } })
    gate.open()
    expect([(await fetch('/p', PHONE)).body, (await fetch('/m/p', DESK)).body]).toEqual(['/m/p run 1', '/m/p run 2'])
  })

  it('has the query that counts in the target count once, and no other', async () => {
    const { fetch, gate, runs } = await setUp({ ...BY_HEADER, options: { ttl: TTL, query: ['id'] } })
    gate.open()
    for (const target of ['/p?id=1', '/p?id=1&utm=a', '/p?utm=b&id=1'])
      expect((await fetch(target, PHONE)).body).toBe('/m/p run 1')
    expect((await fetch('/p?id=2', PHONE)).body).toBe('/m/p run 2')
    expect(runs.count('run')).toBe(2)
  })

  it('finds a stored response for invalidation, as does the target', async () => {
    const { fetch, gate, invalidate, stats } = await setUp({ ...BY_HEADER, options: { ttl: TTL } })
    gate.open()
    for (const drop of [
      () => invalidate('/m/p'),
      () => invalidate('/p'),
      () => fetch('/m/p', { method: 'DELETE' }),
      () => fetch('/p', { method: 'DELETE', ...PHONE }),
    ]) {
      await fetch('/p', PHONE)
      expect(stats().entries).toBe(1)
      await drop()
      expect(stats().entries).toBe(0)
    }
  })

  it('is refreshed by the request that finds it stale, and by no other', async () => {
    const { fetch, gate, clock, events } = await setUp({
      ...BY_HEADER,
      options: { ttl: TTL, staleWhileRevalidate: 100 * TTL },
    })
    gate.open()
    await fetch('/p', PHONE)
    clock.advance(2 * TTL)
    expect((await fetch('/p', PHONE)).body).toBe('/m/p run 2')
    expect((await fetch('/p', PHONE)).body).toBe('/m/p run 2')
    expect(events.count('refresh')).toBe(0)
  })
}
