import { expect, it } from 'vitest'
import { at, leaseOf, record, type SetUpStores, text, told } from '../store-stage.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }

export function flightCases(setUp: SetUpStores): void {
  it('leads in one of eight processes, and the others get what it stores', async () => {
    const { processes, comes } = await setUp()
    const row = await processes(8)
    const leads: number[] = []
    const turns = row.map(async ({ tier }, index) => {
      const turn = await tier.acquire('key', ASKED)
      if (turn.kind !== 'lead') return told(turn)
      leads.push(index)
      await turn.lease.commit(record({ body: 'made' }))
      return 'made'
    })
    expect(await comes(Promise.all(turns))).toEqual(row.map(() => 'made'))
    expect(leads).toHaveLength(1)
    for (const { tier } of row) expect(text(await tier.read('key'))).toBe('made')
  })

  it('distinguishes processes that waited from later ones', async () => {
    const { processes, comes, lead, wait } = await setUp()
    const [a, b, c] = await processes(3).then(row => [at(row, 0), at(row, 1), at(row, 2)] as const)
    const lease = await lead(a, 'key')
    const { turn } = await wait(b, 'key')
    expect(await lease.commit(record())).toBe('stored')
    expect(await comes(turn)).toMatchObject({ kind: 'hit', collapsed: true })
    expect(await c.tier.acquire('key', ASKED)).toMatchObject({ kind: 'hit', collapsed: false })
  })

  it('leads another key beside one that is held', async () => {
    const { processes, lead } = await setUp()
    const row = await processes(2)
    await lead(at(row, 0), 'one')
    const lease = await lead(at(row, 1), 'two')
    expect(await lease.commit(record())).toBe('stored')
    expect(await at(row, 0).tier.read('one')).toBeUndefined()
  })

  it('is busy for a process that does not wait', async () => {
    const { processes, lead } = await setUp()
    const row = await processes(2)
    await lead(at(row, 0), 'key')
    expect(await at(row, 1).tier.acquire('key', { ...ASKED, wait: 0 })).toEqual({ kind: 'busy' })
  })

  it('lets no process wait for longer than it asked to', async () => {
    const { processes, comes, lead, wait } = await setUp()
    const row = await processes(2)
    const lease = await lead(at(row, 0), 'key')
    const { turn } = await wait(at(row, 1), 'key', { wait: 300 })
    expect(await comes(turn)).toMatchObject({ kind: 'local' })
    expect(await lease.commit(record())).toBe('stored')
  })

  it('leads past a record that was found to be of no use, and past no other', async () => {
    const { processes } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    await a.tier.set('key', record({ body: 'old' }))
    const old = await b.tier.read('key')
    await a.tier.set('key', record({ body: 'new' }))
    expect(told(await b.tier.acquire('key', { ...ASKED, reject: old?.version }))).toBe('new')
    const current = await b.tier.read('key')
    expect(current?.version).not.toBe(old?.version)
    expect(told(await b.tier.acquire('key', { ...ASKED, reject: current?.version }))).toBe('lead')
    expect(text(await a.tier.read('key'))).toBe('new')
  })

  it('leads past whatever is stored, where nothing is of use', async () => {
    const { join, comes, wait } = await setUp()
    const [a, b] = [await join(), await join()]
    await a.tier.set('key', record({ body: 'old' }))
    const lease = leaseOf(await a.tier.acquire('key', { ...ASKED, reject: 'any' }))
    const { turn } = await wait(b, 'key', { reject: 'any' })
    expect(text(await b.tier.read('key'))).toBe('old')
    expect(await lease.commit(record({ body: 'new' }))).toBe('stored')
    expect(told(await comes(turn))).toBe('new')
    expect(text(await b.tier.read('key'))).toBe('new')
  })

  it('returns the record while another process works on the next one', async () => {
    const { join, lead, wait, comes } = await setUp()
    const [a, b] = [await join(), await join()]
    await a.tier.set('key', record({ body: 'old' }))
    const old = await a.tier.read('key')
    const lease = await lead(a, 'key', { reject: old?.version })
    expect(told(await b.tier.acquire('key', ASKED))).toBe('old')
    const { turn } = await wait(b, 'key', { reject: old?.version })
    await lease.commit(record({ body: 'new' }))
    expect(told(await comes(turn))).toBe('new')
  })

  it('is one flight for each of a hundred keys at once', async () => {
    const { processes, comes } = await setUp()
    const row = await processes(3)
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`)
    const leads: string[] = []
    const turns = row.flatMap(({ tier }) =>
      keys.map(async key => {
        const turn = await tier.acquire(key, ASKED)
        if (turn.kind !== 'lead') return told(turn)
        leads.push(key)
        await turn.lease.commit(record({ body: key }))
        return key
      }),
    )
    expect(await comes(Promise.all(turns))).toEqual([...keys, ...keys, ...keys])
    expect(leads.toSorted()).toEqual(keys.toSorted())
  })
}
