import { expect, it } from 'vitest'
import { at, leaseOf, record, type SetUpStores, text, told } from '../store-stage.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }
/** Short, for cases in which one is to lapse; long enough that a busy machine renews it in time. */
const SHORT = 600

export function leaseCases(setUp: SetUpStores): void {
  it('is renewed for as long as the work may take', async () => {
    const { processes, lead, until, now } = await setUp({ lease: SHORT })
    const row = await processes(2)
    const start = now()
    const lease = await lead(at(row, 0), 'key', { timeout: Infinity })
    await until(() => now() >= start + 4 * SHORT)
    expect(await at(row, 1).tier.acquire('key', { ...ASKED, wait: 0 })).toEqual({ kind: 'busy' })
    expect(await lease.commit(record())).toBe('stored')
  })

  it('expires if it is not settled within the time limit of the work; a late commit is fenced', async () => {
    const { processes, comes, lead, wait } = await setUp({ lease: SHORT })
    const row = await processes(2)
    const late = await lead(at(row, 0), 'key', { timeout: SHORT })
    const { turn } = await wait(at(row, 1), 'key')
    const lease = leaseOf(await comes(turn))
    expect(await late.commit(record({ body: 'late' }))).toBe('fenced')
    late.fail(new Error('late'))
    expect(await lease.commit(record({ body: 'made' }))).toBe('stored')
    expect(text(await at(row, 0).tier.read('key'))).toBe('made')
  })

  it('goes to one of the waiting processes when it is given up, and the others wait for that one', async () => {
    const { processes, comes, lead, wait, until } = await setUp()
    const row = await processes(4)
    const lease = await lead(at(row, 0), 'key')
    const waiting = await Promise.all(row.slice(1).map(of => wait(of, 'key')))
    const turns = waiting.map(({ turn }) => turn)
    lease.release()
    const next = leaseOf(await comes(Promise.race(turns)))
    const kinds: string[] = []
    for (const turn of turns) void turn.then(({ kind }) => kinds.push(kind))
    await until(() => kinds.length > 0)
    expect(await next.commit(record({ body: 'made' }))).toBe('stored')
    expect((await comes(Promise.all(turns))).map(told).toSorted()).toEqual(['lead', 'made', 'made'])
    expect(kinds.filter(kind => kind === 'lead')).toHaveLength(1)
  })

  it('is free again when it is given up and no process waits', async () => {
    const { processes, lead, until } = await setUp()
    const row = await processes(2)
    const lease = await lead(at(row, 0), 'key')
    lease.release()
    const [, b] = [at(row, 0), at(row, 1)]
    await until(async () => told(await b.tier.acquire('key', { ...ASKED, wait: 0 })) === 'lead')
    expect(await b.tier.read('key')).toBeUndefined()
  })

  it('is given back at once by a process that closes', async () => {
    const { processes, comes, lead, wait, now } = await setUp({ lease: 20_000 })
    const row = await processes(2)
    const start = now()
    await lead(at(row, 0), 'key')
    await lead(at(row, 0), 'other')
    const { turn } = await wait(at(row, 1), 'key')
    await comes(at(row, 0).tier.close())
    expect(told(await comes(turn))).toBe('lead')
    expect(told(await comes(at(row, 1).tier.acquire('other', ASKED)))).toBe('lead')
    expect(now() - start).toBeLessThan(10_000)
  })

  it('is settled by the first call; the others do nothing', async () => {
    const { processes, lead } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const lease = await lead(a, 'key')
    expect(await lease.commit(record({ body: 'first' }))).toBe('stored')
    lease.release()
    lease.fail(new Error('second'))
    lease.pass(60_000, 'caller')
    expect(await lease.commit(record({ body: 'second' }))).not.toBe('unknown')
    expect(told(await b.tier.acquire('key', ASKED))).toBe('first')
    expect(text(await a.tier.read('key'))).toBe('first')
  })

  it('stores nothing once it was given up', async () => {
    const { processes, lead } = await setUp()
    const row = await processes(2)
    const lease = await lead(at(row, 0), 'key')
    lease.release()
    expect(await lease.commit(record())).toBe('fenced')
    expect(await at(row, 1).tier.read('key')).toBeUndefined()
  })

  it('ends the waits of a process that closes, and no others', async () => {
    const { processes, comes, lead, wait } = await setUp()
    const row = await processes(3)
    const lease = await lead(at(row, 0), 'key')
    const { turn: closing } = await wait(at(row, 1), 'key')
    const { turn: staying } = await wait(at(row, 2), 'key')
    await comes(at(row, 1).tier.close())
    expect(await comes(closing)).toMatchObject({ kind: 'local' })
    await lease.commit(record({ body: 'made' }))
    expect(told(await comes(staying))).toBe('made')
  })

  it('asks nothing of a store that is closed', async () => {
    const { join, comes } = await setUp()
    const { tier } = await join()
    await comes(tier.close())
    await comes(tier.close())
    expect(await tier.read('key')).toBeUndefined()
    expect(await tier.acquire('key', ASKED)).toMatchObject({ kind: 'local' })
    expect(await tier.set('key', record())).toBe(false)
    expect(await tier.invalidate(['key'])).toBe(false)
    expect(await tier.invalidateTags(['tag'])).toBe(false)
    expect(await tier.clear()).toBe(false)
  })
}
