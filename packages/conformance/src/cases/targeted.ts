import type { HttpOptions } from '@stampede/core/http'
import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'

const OWN = 'stampede-cache-control'
const CDN = 'cdn-cache-control'
const amongCdns: HttpOptions = { targetList: ['Stampede-Cache-Control', 'CDN-Cache-Control'] }

export function targetedCases(setUp: SetUp): void {
  it('Stampede’s own replaces Cache-Control and Expires as a whole, and is never sent on', async () => {
    const { fetch, gate, clock, runs } = await setUp({
      options: { ttl: 1_000 },
      answer: () => ({ headers: { [OWN]: 'max-age=60', 'cache-control': 'no-store', expires: '0' }, body: 'x' }),
    })
    gate.open()
    for (const after of [0, 59_000]) {
      clock.advance(after)
      const { headers } = await fetch('/')
      expect(headers).not.toHaveProperty(OWN)
      expect(headers).toMatchObject({ 'cache-control': 'no-store', expires: '0' })
    }
    expect(runs.count('run')).toBe(1)
    clock.advance(1_000)
    await fetch('/')
    expect(runs.count('run')).toBe(2)
  })

  it('that speak to other caches are neither obeyed nor taken off', async () => {
    const others = { [CDN]: 'max-age=3600', 'surrogate-control': 'max-age=3600', 'akamai-cache-control': 'max-age=60' }
    const { fetch, gate, clock, runs } = await setUp({
      answer: () => ({ headers: { ...others, 'cache-control': 'max-age=2' }, body: 'x' }),
    })
    gate.open()
    for (const run of [1, 1, 2]) {
      expect((await fetch('/')).headers).toMatchObject(others)
      expect(runs.count('run')).toBe(run)
      clock.advance(1_000)
    }
  })

  it('of the target list are obeyed in its order, and sent on where they are not Stampede’s own', async () => {
    const { fetch, gate } = await setUp({
      options: amongCdns,
      answer: ({ target }) => ({
        headers: {
          ...(target === '/both' && { [OWN]: 'max-age=10' }),
          [CDN]: 'max-age=20',
          'cache-control': 'no-store',
        },
        body: 'x',
      }),
    })
    gate.open()
    for (const [target, ttl] of [
      ['/both', 10],
      ['/one', 20],
    ] as const) {
      await fetch(target)
      const { headers } = await fetch(target)
      expect(headers).toMatchObject({ 'cache-status': `stampede; hit; ttl=${ttl}`, [CDN]: 'max-age=20' })
      expect(headers).not.toHaveProperty(OWN)
    }
  })

  it('of the target list that are empty or cannot be read are as if absent', async () => {
    for (const value of ['', ' ', 'max-age=60,', 'Max-Age=60', '=', 'max-age=é', '"a"']) {
      const { fetch, gate, runs } = await setUp({
        options: amongCdns,
        answer: () => ({ headers: { [CDN]: value, 'cache-control': 'no-store' }, body: 'x' }),
      })
      gate.open()
      expect((await fetch('/')).headers).toHaveProperty(CDN)
      await fetch('/')
      expect(runs.count('run')).toBe(2)
    }
  })

  it.each(['private', 'no-store', 'no-cache', 'max-age=0, must-revalidate'])(
    'that say %s keep what Cache-Control would let be stored',
    async value => {
      const { fetch, gate, runs } = await setUp({
        answer: () => ({ headers: { [OWN]: value, 'cache-control': 'max-age=60' }, body: 'x' }),
      })
      gate.open()
      await fetch('/')
      await fetch('/')
      expect(runs.count('run')).toBe(2)
    },
  )

  it('are sent on, but for Stampede’s own, in an answer that takes no part, too', async () => {
    const { fetch, gate } = await setUp({
      options: amongCdns,
      answer: () => ({ headers: { [CDN]: 'max-age=1', [OWN]: 'no-store' }, body: 'x' }),
    })
    gate.open()
    for (const request of [{ headers: { cookie: 'a=b' } }, { method: 'POST' }, { method: 'HEAD' }]) {
      const { headers } = await fetch('/', request)
      expect(headers[CDN]).toBe('max-age=1')
      expect(headers).not.toHaveProperty(OWN)
    }
  })

  it('never make shareable what sets a cookie', async () => {
    const { fetch, gate, runs } = await setUp({
      answer: () => ({ headers: { [OWN]: 'max-age=60', 'set-cookie': 'a=b' }, body: 'x' }),
    })
    gate.open()
    await fetch('/')
    await fetch('/')
    expect(runs.count('run')).toBe(2)
  })
}
