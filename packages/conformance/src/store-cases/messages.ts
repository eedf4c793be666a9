import { expect, it } from 'vitest'
import type { SharedTier } from '../../../core/src/fleet/shared-store.ts'
import { at, record, type SetUpStores, text } from '../store-stage.ts'

const changes: readonly (readonly [string, string, (tier: SharedTier) => Promise<boolean>])[] = [
  ['a set', 'key key', tier => tier.set('key', record({ body: 'new' }))],
  ['an invalidation', 'key key', tier => tier.invalidate(['key'])],
  ['one of a tag', 'tag red', tier => tier.invalidateTags(['red'])],
  ['a clear', 'all', tier => tier.clear()],
]

export function messageCases(setUp: SetUpStores): void {
  it.each(changes)('%s reaches all others, and not the one that it came from', async (_name, what, change) => {
    const { processes, hears } = await setUp()
    const row = await processes(3)
    const [a, b, c] = [at(row, 0), at(row, 1), at(row, 2)]
    await a.tier.set('key', record({ tags: ['red'] }))
    for (const { tier } of row) expect(text(await tier.read('key'))).toBe('body')
    await Promise.all([hears(b, 'key key'), hears(c, 'key key')])
    for (const { told } of row) told.length = 0
    expect(await change(a.tier)).toBe(true)
    await Promise.all([hears(b, what), hears(c, what)])
    // What comes of another process comes after whatever would have come of this one.
    await b.tier.invalidate(['last'])
    await hears(a, 'key last')
    expect(a.told).toEqual(['key last'])
  })

  it('reaches the other users of the same store', async () => {
    const { join, hears } = await setUp()
    const a = await join()
    const twin = await join({ store: a.store })
    await a.tier.set('key', record())
    expect(text(await twin.tier.read('key'))).toBe('body')
    await a.tier.invalidate(['key'])
    await hears(twin, 'key key')
    await twin.tier.invalidateTags(['red'])
    await hears(a, 'tag red')
    expect(a.told).toEqual(['tag red'])
    expect(twin.told).not.toContain('tag red')
  })

  it('publishes nothing about reads, leases and commits', async () => {
    const { processes, lead, hears } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const lease = await lead(a, 'key')
    await lease.commit(record())
    expect(text(await b.tier.read('key'))).toBe('body')
    await a.tier.invalidate(['last'])
    await hears(b, 'key last')
    expect(b.told).toEqual(['key last'])
    expect(a.told).toEqual([])
  })

  it('publishes a thousand changes in order', async () => {
    const { processes, comes, hears } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const keys = Array.from({ length: 1_000 }, (_, index) => `${index}`)
    await comes(Promise.all(keys.map(key => a.tier.invalidate([key]))))
    await a.tier.invalidate(['last'])
    await hears(b, 'key last')
    const heard = b.told.filter(what => what !== 'key last')
    expect(heard.includes('all') || heard.length === keys.length).toBe(true)
  })

  it('publishes nothing to a process that has left', async () => {
    const { processes, comes, hears } = await setUp()
    const row = await processes(3)
    const [a, b, c] = [at(row, 0), at(row, 1), at(row, 2)]
    await comes(b.tier.close())
    await a.tier.invalidate(['key'])
    await hears(c, 'key key')
    expect(b.told).toEqual([])
  })
}
