import { inspect } from 'node:util'
import type { HttpEvent, HttpOptions } from '@stampede/core/http'
import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginAnswer } from '../mount.ts'

const SECRET = 'hunter2'
const NUMBER = 271_828_182
const CREDENTIALS = {
  authorization: `Bearer ${SECRET}`,
  cookie: `sid=${SECRET}`,
  'x-api-key': SECRET,
  'x-number': String(NUMBER),
}

/** How an app may separate users, share with all, or fail at it. */
const WAYS: Readonly<Record<string, HttpOptions>> = {
  bypass: {},
  separate: { credentials: 'separate' },
  keyed: { credentials: 'keyed', key: view => `${view.target} ${view.header('x-api-key')}` },
  share: { credentials: 'share' },
  'a header in every key': { credentials: 'share', vary: ['X-Api-Key'] },
  'a key that is none': { credentials: 'keyed', key: view => Number(view.header('x-number')) as unknown as string },
  'a key of parts': { credentials: 'keyed', key: view => [view.header('x-api-key')] as unknown as string },
}

function answered(target: string, run: number): OriginAnswer {
  const isLater = run > 6
  if (target === '/down' && isLater) throw new Error('down')
  if (target === '/own') return { headers: { 'cache-control': 'private' }, body: 'x' }
  return { headers: { 'cache-control': 'public, max-age=1, stale-while-revalidate=5, stale-if-error=60' }, body: 'x' }
}

export function eventCases(setUp: SetUp): void {
  it.each(Object.entries(WAYS))('carry no credential, and no key that may hold one: %s', async (_way, options) => {
    const told: HttpEvent[] = []
    const { fetch, gate, runs, clock, invalidate, clear } = await setUp({
      options: { waitTimeout: 1_000, ...options, onEvent: event => told.push(event) },
      answer: ({ target }, run) => answered(target, run),
    })
    const asked = { headers: CREDENTIALS }
    const first = [fetch('/page', asked), fetch('/page', asked), fetch('/page')]
    await runs.until('run', 1)
    gate.open()
    await Promise.all(first)
    for (const target of ['/page', '/own', '/down']) {
      for (const after of [0, 0, 2_000, 10_000]) {
        clock.advance(after)
        await Promise.all([fetch(target, asked), fetch(target, asked)])
      }
    }
    await fetch('/page', { ...asked, method: 'DELETE' })
    await invalidate('/page')
    await clear()
    expect(told.length).toBeGreaterThan(10)
    const text = inspect(told, { depth: Infinity, maxStringLength: Infinity, showHidden: true })
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain(String(NUMBER))
    expect(told.filter(event => 'key' in event)).toEqual([])
  })

  it('at which a listener throws do not affect any answer', async () => {
    const { burst, fetch, gate } = await setUp({
      options: {
        ttl: 5_000,
        onEvent: () => {
          throw new Error('listener')
        },
      },
    })
    const waiting = await burst(3, '/')
    gate.open()
    for (const reply of [...(await Promise.all(waiting)), await fetch('/')]) expect(reply.body).toBe('run 1')
  })
}
