import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'

const FIELDS = ['stampede-cache-control', 'cdn-cache-control']

export function targetedCases(setUp: SetUp): void {
  it.each(FIELDS)('%s replaces Cache-Control and Expires as a whole, and is never sent on', async name => {
    const { fetch, gate, clock, runs } = await setUp({
      options: { ttl: 1_000 },
      answer: () => ({
        headers: { [name]: 'max-age=60', 'cache-control': 'no-store', expires: '0' },
        body: 'x',
      }),
    })
    gate.open()
    for (const after of [0, 59_000]) {
      clock.advance(after)
      const { headers } = await fetch('/')
      for (const field of FIELDS) expect(headers).not.toHaveProperty(field)
      expect(headers).toMatchObject({ 'cache-control': 'no-store', expires: '0' })
    }
    expect(runs.count('run')).toBe(1)
    clock.advance(1_000)
    await fetch('/')
    expect(runs.count('run')).toBe(2)
  })

  it('that are empty or cannot be read are as if absent', async () => {
    for (const value of ['', ' ', 'max-age=60,', 'Max-Age=60', '=', 'max-age=é', '"a"']) {
      const { fetch, gate, runs } = await setUp({
        answer: () => ({ headers: { 'cdn-cache-control': value, 'cache-control': 'no-store' }, body: 'x' }),
      })
      gate.open()
      expect((await fetch('/')).headers).not.toHaveProperty('cdn-cache-control')
      await fetch('/')
      expect(runs.count('run')).toBe(2)
    }
  })

  it.each(['private', 'no-store', 'no-cache', 'max-age=0, must-revalidate'])(
    'that say %s keep what Cache-Control would let be stored',
    async value => {
      const { fetch, gate, runs } = await setUp({
        answer: () => ({ headers: { 'stampede-cache-control': value, 'cache-control': 'max-age=60' }, body: 'x' }),
      })
      gate.open()
      await fetch('/')
      await fetch('/')
      expect(runs.count('run')).toBe(2)
    },
  )

  it('are asked in their order: Stampede’s own first', async () => {
    const { fetch, gate } = await setUp({
      answer: () => ({
        headers: { 'stampede-cache-control': 'max-age=10', 'cdn-cache-control': 'max-age=20' },
        body: 'x',
      }),
    })
    gate.open()
    await fetch('/')
    expect((await fetch('/')).headers['cache-status']).toBe('stampede; hit; ttl=10')
  })

  it('are asked in their order: one that cannot be read is as if absent, and the next one counts', async () => {
    const { fetch, gate } = await setUp({
      answer: () => ({
        headers: {
          'stampede-cache-control': 'max-age=',
          'cdn-cache-control': 'max-age=20',
          'cache-control': 'no-store',
        },
        body: 'x',
      }),
    })
    gate.open()
    await fetch('/')
    expect((await fetch('/')).headers['cache-status']).toBe('stampede; hit; ttl=20')
  })

  it('are taken off an answer that takes no part, too', async () => {
    const { fetch, gate } = await setUp({
      answer: () => ({
        headers: { 'cdn-cache-control': 'max-age=1', 'stampede-cache-control': 'no-store' },
        body: 'x',
      }),
    })
    gate.open()
    for (const request of [{ headers: { cookie: 'a=b' } }, { method: 'POST' }]) {
      const { headers } = await fetch('/', request)
      for (const field of FIELDS) expect(headers).not.toHaveProperty(field)
    }
  })

  it('never make shareable what sets a cookie', async () => {
    const { fetch, gate, runs } = await setUp({
      answer: () => ({ headers: { 'cdn-cache-control': 'max-age=60', 'set-cookie': 'a=b' }, body: 'x' }),
    })
    gate.open()
    await fetch('/')
    await fetch('/')
    expect(runs.count('run')).toBe(2)
  })
}
