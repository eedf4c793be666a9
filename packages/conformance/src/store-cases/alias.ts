import { expect, it } from 'vitest'
import { at, record, type SetUpStores, text, told } from '../store-stage.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }

export function aliasCases(setUp: SetUpStores): void {
  it('stores for both keys, and shows which of them is the alias', async () => {
    const { processes, lead, wait, comes } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const lease = await lead(a, 'asked')
    const { turn } = await wait(b, 'asked')
    expect(await lease.commit(record({ alias: 'real' }))).toBe('stored')
    const handed = await comes(turn)
    const records = [handed.kind === 'hit' ? handed.record : undefined]
    for (const key of ['asked', 'real']) records.push(await comes(b.tier.read(key)))
    for (const stored of records) {
      expect(text(stored)).toBe('body')
      expect(stored?.isFor('real')).toBe(true)
      expect(stored?.isFor('asked')).toBe(false)
      expect(stored?.isFor('third')).toBe(false)
    }
    expect(told(await a.tier.acquire('real', ASKED))).toBe('body')
  })

  it('is for its own key where it has none', async () => {
    const { join } = await setUp()
    const { tier } = await join()
    await tier.set('key', record())
    expect((await tier.read('key'))?.isFor('key')).toBe(true)
  })

  it('stores for both what is set', async () => {
    const { processes } = await setUp()
    const row = await processes(2)
    await at(row, 0).tier.set('asked', record({ alias: 'real' }))
    for (const key of ['asked', 'real']) expect((await at(row, 1).tier.read(key))?.isFor('real')).toBe(true)
  })

  it('says by the other key too whose ttl is over', async () => {
    const { processes, lead, until } = await setUp()
    const row = await processes(2)
    const lease = await lead(at(row, 0), 'asked')
    expect(await lease.commit(record({ alias: 'real', ttl: 300 }))).toBe('stored')
    await until(async () => (await at(row, 1).tier.read('asked')) === undefined)
    await until(async () => (await at(row, 1).tier.read('real')) === undefined)
  })

  it('is of no use by either key once a tag of it was changed', async () => {
    const { processes, lead, hears } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const lease = await lead(a, 'asked')
    await lease.commit(record({ alias: 'real', tags: ['red'] }))
    await b.tier.invalidateTags(['red'])
    await hears(a, 'tag red')
    for (const { tier } of row) {
      expect(await tier.read('asked')).toBeUndefined()
      expect(await tier.read('real')).toBeUndefined()
    }
  })

  it('replaces the records of both keys, also with a ttl of 0', async () => {
    const { processes, lead } = await setUp()
    const row = await processes(2)
    const lasting = { alias: 'real', ttl: 60_000, staleWhileRevalidate: 60_000 }
    expect(await (await lead(at(row, 0), 'asked')).commit(record(lasting))).toBe('stored')
    const stored = await at(row, 0).tier.read('real')
    const turn = await at(row, 0).tier.acquire('asked', { ...ASKED, reject: stored?.version })
    if (turn.kind !== 'lead') throw new Error(`expected a lease, got ${turn.kind}`)
    expect(await turn.lease.commit(record({ ...lasting, ttl: 0 }))).toBe('stored')
    for (const key of ['asked', 'real']) expect(await at(row, 1).tier.read(key)).toBeUndefined()
  })

  it('is handed only to waiting processes with a ttl of 0', async () => {
    const { processes, lead, wait, comes } = await setUp()
    const row = await processes(2)
    const lease = await lead(at(row, 0), 'asked')
    const { turn } = await wait(at(row, 1), 'asked')
    await lease.commit(record({ alias: 'real', ttl: 0 }))
    const handed = await comes(turn)
    expect(handed.kind === 'hit' && handed.record.isFor('real')).toBe(true)
    for (const key of ['asked', 'real']) expect(await at(row, 1).tier.read(key)).toBeUndefined()
  })
}
