import { expect, it } from 'vitest'
import { at, record, type SetUpStores, text } from '../store-stage.ts'

const MIB = 1024 * 1024
/** How far a server's clock and a process's may be apart, and a reply be late. */
const SLACK = 1_000

const bodies: readonly (readonly [string, Uint8Array])[] = [
  ['no bytes', new Uint8Array()],
  ['every byte value', Uint8Array.from({ length: 256 }, (_, index) => index)],
  ['1 MiB', new Uint8Array(MIB).map((_, index) => index * 31)],
  ['what is no text', Uint8Array.of(0xc3, 0x28, 0xff, 0xfe, 0x00, 0x0d, 0x0a)],
]

export function recordCases(setUp: SetUpStores): void {
  it.each(bodies)('keeps a body of %s as it is', async (_name, body) => {
    const { processes, lead, wait, comes } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const lease = await lead(a, 'key')
    const { turn } = await wait(b, 'key')
    expect(await comes(lease.commit(record({ body })))).toBe('stored')
    const handed = await comes(turn)
    expect(handed.kind === 'hit' && Buffer.compare(handed.record.body, body)).toBe(0)
    const stored = await comes(b.tier.read('key'))
    expect(stored && Buffer.compare(stored.body, body)).toBe(0)
  })

  it.each(['', 'text', 'Ünïcode “☃” 😀', 'a\r\nb\0'])('keeps the text %j', async body => {
    const { processes } = await setUp()
    const row = await processes(2)
    expect(await at(row, 0).tier.set('key', record({ body }))).toBe(true)
    expect(text(await at(row, 1).tier.read('key'))).toBe(body)
  })

  it('hands out bytes that no caller can change for another', async () => {
    const { processes } = await setUp()
    const row = await processes(2)
    const body = Uint8Array.of(1, 2, 3)
    const set = at(row, 0).tier.set('key', record({ body }))
    await set
    body.fill(9)
    const first = await at(row, 1).tier.read('key')
    first?.body.fill(9)
    expect([...((await at(row, 1).tier.read('key'))?.body ?? [])]).toEqual([1, 2, 3])
  })

  it.each([
    null,
    0,
    'text',
    [1, [2]],
    { status: 200, headers: [['set-cookie', 'a=1; “b”']], deep: { __proto: null, empty: {} } },
    JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'),
  ] as unknown[])('keeps what else there is to say: %j', async meta => {
    const { processes } = await setUp()
    const row = await processes(2)
    await at(row, 0).tier.set('key', record({ meta }))
    expect(JSON.stringify((await at(row, 1).tier.read('key'))?.meta)).toBe(JSON.stringify(meta))
    expect('polluted' in {}).toBe(false)
  })

  it('returns age, lifetimes, tags and duration', async () => {
    const { processes, now } = await setUp()
    const row = await processes(2)
    const start = now()
    const made = { ttl: 60_000, staleWhileRevalidate: 5_000, staleIfError: 7_000, duration: 1_234, tags: ['b', 'a'] }
    await at(row, 0).tier.set('key', record(made))
    const stored = await at(row, 1).tier.read('key')
    expect(stored).toMatchObject({
      staleWhileRevalidate: 5_000,
      staleIfError: 7_000,
      duration: 1_234,
      tags: ['b', 'a'],
    })
    const age = stored?.age ?? -1
    expect(age).toBeGreaterThanOrEqual(0)
    expect(age).toBeLessThanOrEqual(now() - start + SLACK)
    expect((stored?.ttl ?? 0) + age).toBeCloseTo(60_000, 0)
  })

  it('grows old: fresh, stale with a ttl below zero, then gone', async () => {
    const { processes, until } = await setUp()
    const row = await processes(2)
    await at(row, 0).tier.set('key', record({ ttl: 300, staleWhileRevalidate: 600, staleIfError: 100 }))
    const ttls: number[] = []
    await until(async () => {
      const stored = await at(row, 1).tier.read('key')
      if (stored) ttls.push(stored.ttl)
      return stored === undefined
    })
    expect(ttls.toSorted((one, other) => other - one)).toEqual(ttls)
    expect(ttls.some(ttl => ttl > 0)).toBe(true)
    expect(ttls.some(ttl => ttl < 0 && ttl > -600 - SLACK)).toBe(true)
  })

  it('is gone when the longer of the stale windows ends', async () => {
    const { processes, until } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    await a.tier.set('gone', record({ ttl: 300 }))
    await a.tier.set('kept', record({ ttl: 300, staleIfError: 60_000 }))
    await until(async () => (await b.tier.read('gone')) === undefined)
    await until(async () => ((await b.tier.read('kept'))?.ttl ?? 0) < 0)
    expect(text(await b.tier.read('kept'))).toBe('body')
  })

  it('keeps lifetimes that never end', async () => {
    const { processes } = await setUp()
    const row = await processes(2)
    expect(await at(row, 0).tier.set('key', record({ ttl: Infinity }))).toBe(true)
    expect(await at(row, 0).tier.set('year', record({ ttl: 365 * 86_400_000, staleIfError: Infinity }))).toBe(true)
    expect((await at(row, 1).tier.read('key'))?.ttl).toBeGreaterThan(86_400_000)
    expect((await at(row, 1).tier.read('year'))?.ttl).toBeGreaterThan(86_400_000)
  })

  it('has no record that was never stored', async () => {
    const { join } = await setUp()
    expect(await (await join()).tier.read('key')).toBeUndefined()
  })
}
