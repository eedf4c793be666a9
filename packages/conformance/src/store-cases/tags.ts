import { expect, it } from 'vitest'
import { at, leaseOf, record, type SetUpStores, text, told } from '../store-stage.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }

export function tagCases(setUp: SetUpStores): void {
  it('removes everything that has one of them, in all processes', async () => {
    const { processes, hears, join } = await setUp()
    const row = await processes(3)
    const [a, b, c] = [at(row, 0), at(row, 1), at(row, 2)]
    await a.tier.set('one', record({ tags: ['red', 'blue'] }))
    await a.tier.set('two', record({ tags: ['blue'] }))
    await a.tier.set('none', record())
    expect(await b.tier.invalidateTags(['green', 'red'])).toBe(true)
    await Promise.all([hears(a, 'tag red'), hears(c, 'tag red')])
    for (const { tier } of [...row, await join()]) {
      expect(await tier.read('one')).toBeUndefined()
      expect(text(await tier.read('two'))).toBe('body')
      expect(text(await tier.read('none'))).toBe('body')
    }
    expect(told(await c.tier.acquire('one', ASKED))).toBe('lead')
    expect(told(await c.tier.acquire('two', ASKED))).toBe('body')
  })

  it('keeps records that were stored after the change', async () => {
    const { processes, lead, hears, join } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    await b.tier.invalidateTags(['red'])
    await hears(a, 'tag red')
    const lease = await lead(a, 'made')
    expect(await lease.commit(record({ tags: ['red'] }))).toBe('stored')
    expect(await a.tier.set('set', record({ tags: ['red'] }))).toBe(true)
    for (const { tier } of [a, b, await join()]) {
      expect(text(await tier.read('made'))).toBe('body')
      expect(text(await tier.read('set'))).toBe('body')
    }
  })

  it.each(['another', 'the same'])(
    'never gives what turns out to bear one that %s process changed meanwhile',
    async by => {
      const { processes, lead, hears, join } = await setUp()
      const row = await processes(3)
      const [a, b, c] = [at(row, 0), at(row, 1), at(row, 2)]
      const lease = await lead(a, 'key')
      expect(await (by === 'another' ? b : a).tier.invalidateTags(['red'])).toBe(true)
      expect(['stored', 'fenced']).toContain(await lease.commit(record({ tags: ['red'] })))
      await Promise.all([hears(c, 'tag red'), hears(by === 'another' ? a : b, 'tag red')])
      for (const { tier } of [...row, await join()]) expect(await tier.read('key')).toBeUndefined()
      const next = leaseOf(await c.tier.acquire('key', ASKED))
      expect(await next.commit(record({ body: 'made', tags: ['red'] }))).toBe('stored')
      for (const { tier } of row) expect(text(await tier.read('key'))).toBe('made')
    },
  )

  it('does not delay a process that waits for such a record', async () => {
    const { processes, comes, lead, wait, hears } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const lease = await lead(a, 'key')
    await a.tier.invalidateTags(['red'])
    await hears(b, 'tag red')
    const { turn } = await wait(b, 'key')
    await lease.commit(record({ tags: ['red'] }))
    expect(told(await comes(turn))).toBe('lead')
  })

  it('takes tags of all kinds, and many', async () => {
    const { processes, comes, hears } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const tags = ['', '__proto__', 'constructor', '*', '{}', 'тег', 'a\nb\0', 't'.repeat(10_000)]
    for (const [index, tag] of tags.entries()) await a.tier.set(`key ${index}`, record({ tags: [tag] }))
    await a.tier.set('all', record({ tags: [...tags, ...Array.from({ length: 200 }, (_, index) => `tag ${index}`)] }))
    await a.tier.set('none', record({ tags: ['none'] }))
    for (const [index, tag] of tags.entries()) {
      expect((await b.tier.read(`key ${index}`))?.tags).toEqual([tag])
      expect(await comes(a.tier.invalidateTags([tag]))).toBe(true)
      await hears(b, `tag ${tag}`)
      expect(await b.tier.read(`key ${index}`)).toBeUndefined()
    }
    expect(await b.tier.read('all')).toBeUndefined()
    expect(text(await b.tier.read('none'))).toBe('body')
  })
}
