import { expect, it } from 'vitest'
import { at, record, type SetUpStores, text, told } from '../store-stage.ts'

const ASKED = { timeout: 60_000, wait: 0 }

const keys: readonly string[] = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  'a\nb',
  'a\r\nb',
  '\0',
  '{}',
  '{a}{b}',
  '}{',
  'a:b:l',
  'a:v',
  '#hash',
  '*',
  '%s%00',
  'ключ',
  '键',
  '😀',
  '\ud800',
  '\udc00',
  'e\u0301',
  '\u00e9',
  'k'.repeat(199),
  'k'.repeat(200),
  'k'.repeat(201),
  'é'.repeat(150),
  'k'.repeat(1_000_000),
  `${'k'.repeat(1_000_000)}2`,
]

export function keyCases(setUp: SetUpStores): void {
  it('keeps all kinds of keys apart, and takes each for itself', async () => {
    const { processes, comes } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    for (const [index, key] of keys.entries()) {
      const turn = await comes(a.tier.acquire(key, ASKED))
      expect(`${index} ${turn.kind}`).toBe(`${index} lead`)
      if (turn.kind === 'lead') await comes(turn.lease.commit(record({ body: `body ${index}` })))
    }
    for (const [index, key] of keys.entries()) {
      expect(text(await comes(b.tier.read(key)))).toBe(`body ${index}`)
      expect(told(await comes(b.tier.acquire(key, ASKED)))).toBe(`body ${index}`)
    }
  })

  it('publishes a change of each by its own name', async () => {
    const { processes, comes, hears } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    for (const key of keys) {
      await comes(a.tier.set(key, record()))
      expect(text(await comes(b.tier.read(key)))).toBe('body')
      await hears(b, `key ${key}`)
      b.told.length = 0
      await comes(a.tier.invalidate([key]))
      await hears(b, `key ${key}`)
      b.told.length = 0
      expect(await comes(b.tier.read(key))).toBeUndefined()
    }
  })

  it('keeps functions and responses apart', async () => {
    const { join, lead, hears, comes } = await setUp()
    const f = await join({ space: 'f' })
    const h = await join({ space: 'h' })
    const twin = await join({ space: 'h', store: f.store })
    const lease = await lead(f, 'key')
    const other = await lead(h, 'key')
    await lease.commit(record({ body: 'function' }))
    await other.commit(record({ body: 'response' }))
    expect(text(await f.tier.read('key'))).toBe('function')
    for (const { tier } of [h, twin]) expect(text(await tier.read('key'))).toBe('response')
    await h.tier.invalidate(['key'])
    await hears(twin, 'key key')
    expect(text(await f.tier.read('key'))).toBe('function')
    expect(f.told).toEqual([])
    await f.tier.clear()
    await h.tier.set('key', record({ body: 'response' }))
    expect(await comes(f.tier.read('key'))).toBeUndefined()
    expect(text(await comes(twin.tier.read('key')))).toBe('response')
  })

  it('publishes a change of a response whose key was used here, by its name', async () => {
    const { join, hears, lead } = await setUp()
    const [a, b] = [await join({ space: 'h' }), await join({ space: 'h' })]
    const key = 'GET https://example.test/a?token=secret'
    const lease = await lead(b, key)
    await lease.commit(record())
    await a.tier.invalidate([key])
    await hears(b, `key ${key}`)
    await b.tier.set(key, record())
    await hears(a, `key ${key}`)
    expect([a.told, b.told]).toEqual([[`key ${key}`], [`key ${key}`]])
  })

  it('keeps two namespaces apart', async () => {
    const { join, lead, hears } = await setUp()
    const a = await join()
    const other = await join({ namespace: 'other' })
    const [lease, its] = [await lead(a, 'key'), await lead(other, 'key')]
    await lease.commit(record({ body: 'own', tags: ['red'] }))
    expect(await other.tier.read('key')).toBeUndefined()
    await its.commit(record({ body: 'other', tags: ['red'] }))
    const b = await join()
    await a.tier.invalidateTags(['red'])
    await a.tier.clear()
    await a.tier.invalidate(['key'])
    await hears(b, 'key key')
    expect(text(await other.tier.read('key'))).toBe('other')
    expect(other.told).toEqual([])
  })
}
