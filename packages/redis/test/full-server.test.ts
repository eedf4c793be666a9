import { describe, expect, it } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { ASKED, MADE, RECORD, lead, stored, useTiers } from './use-tiers.ts'

const { hands, joined } = await useTiers()

describe('a server', () => {
  it('that is out of memory is degraded, and serves on what it has', async () => {
    const made = joined()
    await made.tier.set('key', MADE)
    const lease = await lead(made.tier, 'other')
    await hands.config('SET', 'maxmemory', '1')
    expect(await lease.commit(MADE)).toBe('unknown')
    expect(await stored(made.tier)).toBe('body')
    expect(await made.tier.acquire('third', ASKED)).toEqual({ kind: 'local', reason: 'OOM' })
    expect(made.told.filter(said => said.startsWith('open'))).toEqual([])
  })

  it('that is out of memory accepts changes, and treats values to store as changes', async () => {
    const [a, b] = [joined(), joined()]
    for (const key of ['key', 'tagged', 'cleared']) await a.tier.set(key, { ...MADE, tags: [key] })
    await b.tier.read('key')
    await hands.config('SET', 'maxmemory', '1')
    expect(await a.tier.set('key', { ...MADE, body: 'new' })).toBe(true)
    expect(await hands.exists(RECORD)).toBe(0)
    expect(await a.tier.invalidateTags(['tagged'])).toBe(true)
    await eventually(() => b.told.includes('key key') && b.told.includes('tag tagged'))
    const late = joined()
    for (const { tier } of [a, b, late]) {
      expect(await Promise.all(['key', 'tagged'].map(key => tier.read(key)))).toEqual([undefined, undefined])
      expect(await tier.read('cleared')).toBeDefined()
    }
    expect(await a.tier.invalidate(['other'])).toBe(true)
    expect(await a.tier.clear()).toBe(true)
    expect(await late.tier.read('cleared')).toBeUndefined()
    expect([...a.told, ...b.told, ...late.told].filter(said => /open|degrade/.test(said))).toEqual(['degrade key: OOM'])
  })

  it('that is out of memory at the first connection accepts changes too', async () => {
    await hands.config('SET', 'maxmemory', '1')
    const { tier, told } = joined()
    expect(await tier.invalidateTags(['red'])).toBe(true)
    expect(told).toEqual([])
  })
})
