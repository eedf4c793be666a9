import { expect, it } from 'vitest'
import type { SharedTier } from '../../../core/src/fleet/shared-store.ts'
import { at, leaseOf, record, type SetUpStores, text, told } from '../store-stage.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }

const changes: readonly (readonly [string, (tier: SharedTier) => Promise<boolean>])[] = [
  ['invalidate', tier => tier.invalidate(['other', 'key'])],
  ['clear', tier => tier.clear()],
]

export function changeCases(setUp: SetUpStores): void {
  it.each(changes)('%s removes the record in all processes', async (_name, change) => {
    const { processes, join } = await setUp()
    const row = await processes(3)
    await at(row, 0).tier.set('key', record())
    for (const { tier } of row) expect(text(await tier.read('key'))).toBe('body')
    expect(await change(at(row, 1).tier)).toBe(true)
    // The record of the key is removed at once; for clear, as soon as a process learns of it.
    expect(await at(row, 1).tier.read('key')).toBeUndefined()
    expect(await (await join()).tier.read('key')).toBeUndefined()
  })

  it.each(changes)('%s by another process fences work in progress on the key', async (_name, change) => {
    const { processes, comes, lead, hears, join } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const late = await lead(a, 'key')
    expect(await change(b.tier)).toBe(true)
    expect(await b.tier.read('key')).toBeUndefined()
    await Promise.race([hears(a, 'key key'), comes(late.commit(record({ body: 'late' })))])
    await late.commit(record({ body: 'late' }))
    await hears(a, 'key key')
    for (const { tier } of [a, b, await join()]) expect(await tier.read('key')).toBeUndefined()
    const next = leaseOf(await comes(b.tier.acquire('key', ASKED)))
    expect(await next.commit(record({ body: 'made' }))).toBe('stored')
    expect(text(await a.tier.read('key'))).toBe('made')
  })

  it.each(changes)('%s by the very process fences its own work', async (_name, change) => {
    const { processes, comes, lead } = await setUp()
    const row = await processes(2)
    const late = await lead(at(row, 0), 'key')
    expect(await change(at(row, 0).tier)).toBe(true)
    const next = leaseOf(await comes(at(row, 0).tier.acquire('key', { ...ASKED, reject: 'any' })))
    expect(await late.commit(record({ body: 'late' }))).toBe('fenced')
    expect(await next.commit(record({ body: 'made' }))).toBe('stored')
    expect(text(await at(row, 1).tier.read('key'))).toBe('made')
  })

  it('sends processes that wait for a fenced result to the next flight', async () => {
    const { processes, comes, lead, wait } = await setUp()
    const row = await processes(4)
    const late = await lead(at(row, 0), 'key')
    const waiting = await Promise.all([at(row, 1), at(row, 2)].map(of => wait(of, 'key')))
    const turns = waiting.map(({ turn }) => turn)
    await at(row, 3).tier.invalidate(['key'])
    const next = leaseOf(await comes(Promise.race(turns)))
    expect(await late.commit(record({ body: 'late' }))).toBe('fenced')
    await next.commit(record({ body: 'made' }))
    expect((await comes(Promise.all(turns))).map(told).toSorted()).toEqual(['lead', 'made'])
  })

  it('stores a set value over the record, and fences work in progress', async () => {
    const { processes, comes, lead, wait } = await setUp()
    const row = await processes(3)
    const [a, b, c] = [at(row, 0), at(row, 1), at(row, 2)]
    const late = await lead(a, 'key')
    const { turn } = await wait(b, 'key')
    expect(await c.tier.set('key', record({ body: 'set' }))).toBe(true)
    expect(told(await comes(turn))).toBe('set')
    expect(await late.commit(record({ body: 'late' }))).toBe('fenced')
    expect(text(await a.tier.read('key'))).toBe('set')
    await b.tier.set('key', record({ body: 'again' }))
    for (const { tier } of row) expect(text(await tier.read('key'))).toBe('again')
  })

  it('never returns a record after its invalidation', async () => {
    const { processes, comes } = await setUp()
    const row = await processes(4)
    const [writer, ...readers] = [at(row, 0), at(row, 1), at(row, 2), at(row, 3)] as const
    for (let round = 0; round < 50; round += 1) {
      await writer.tier.set('key', record({ body: `round ${round}` }))
      const racing = readers.map(({ tier }) => tier.read('key'))
      const invalidated = at(readers, round % 3).tier.invalidate(['key'])
      racing.push(...readers.map(({ tier }) => tier.read('key')))
      await comes(invalidated)
      const after = readers.map(({ tier }) => tier.read('key'))
      expect(await comes(Promise.all(after))).toEqual([undefined, undefined, undefined])
      for (const stored of await comes(Promise.all(racing)))
        expect([`round ${round}`, undefined]).toContain(text(stored))
    }
  })

  it('never keeps a result that was begun before an invalidation, however they race', async () => {
    const { processes, comes, lead } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    for (let round = 0; round < 50; round += 1) {
      const lease = await lead(a, 'key', { reject: 'any' })
      const both = [lease.commit(record({ body: `round ${round}` })), b.tier.invalidate(['key'])] as const
      const [committed] = await comes(Promise.all(both))
      expect(['stored', 'fenced']).toContain(committed)
      expect(await a.tier.read('key')).toBeUndefined()
      expect(await b.tier.read('key')).toBeUndefined()
    }
  })

  it('takes a change of nothing', async () => {
    const { join } = await setUp()
    const { tier } = await join()
    await tier.set('key', record())
    expect(await tier.invalidate([])).toBe(true)
    expect(await tier.invalidateTags([])).toBe(true)
    expect(text(await tier.read('key'))).toBe('body')
  })

  it('takes a change of a thousand keys', async () => {
    const { processes, comes } = await setUp()
    const row = await processes(2)
    const keys = Array.from({ length: 1_000 }, (_, index) => `key ${index}`)
    const { tier } = at(row, 0)
    await comes(Promise.all(keys.map(key => tier.set(key, record()))))
    expect(await comes(at(row, 1).tier.invalidate(keys))).toBe(true)
    expect(new Set(await comes(Promise.all(keys.map(key => tier.read(key)))))).toEqual(new Set([undefined]))
  })
}
