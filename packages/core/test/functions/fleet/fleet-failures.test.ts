import { describe, expect, it } from 'vitest'
import type { SharedStore } from '../../../src/index.ts'
import { delivered } from '../../support/fleets.ts'
import { type Handler, plain, setUp, TTL } from '../../support/http-fleets.ts'
import { answer, type Asked, lines } from '../../support/views.ts'

const LONG = 60_000
const en: Asked = { headers: { 'accept-language': 'en' } }

/** The first run answers `old`, as `first` says; all others fail. */
const once =
  (fail: () => ReturnType<Handler>, first: Handler = () => answer('old')): Handler =>
  (run, asked) =>
    run === 1 ? first(run, asked) : fail()

const throws = (): never => {
  throw new Error('down')
}
const answers = (status: number) => (): ReturnType<Handler> => ({ ...answer('broken'), status })

/** What is shown of an answer, or the error. */
const given = (asking: Promise<string>): Promise<unknown> => asking.catch((error: unknown) => String(error))

describe('a handler that fails while other processes wait', () => {
  it.each([
    ['throws', throws],
    ['answers 503', answers(503)],
  ])('and %s leaves all what is stored, and runs once', async (_how, fail) => {
    const { clock, fleet, gate, tally, join } = setUp(once(fail), { staleIfError: LONG })
    const [a, b] = [join(), join()]
    gate.open()
    for (const { ask } of [a, b]) expect(await ask()).toMatch(/^old/)
    clock.advance(TTL)
    fleet.hold('settle', 'request')
    const asking = [a.ask(), b.ask(), b.ask()]
    await fleet.sent.until('waiting', 1)
    fleet.release('settle', 'request')
    expect(await Promise.all(asking)).toEqual(['old (stale)', 'old (stale)', 'old (stale)'])
    expect(tally.count('runs')).toBe(2)
    expect(await Promise.all([a.ask(), b.ask()])).toEqual(['old (stale)', 'old (stale)'])
    expect(tally.count('runs')).toBe(2)
  })

  it('is an error with that status for requests that accept no stored response', async () => {
    const own = { staleIfError: LONG, clientDirectives: 'honor' } as const
    const { clock, fleet, gate, tally, join } = setUp(once(answers(503)), own)
    const [a, b] = [join(), join()]
    gate.open()
    await a.ask()
    clock.advance(TTL)
    fleet.hold('settle', 'request')
    const first = a.ask()
    await fleet.sent.until('settle', 1)
    const second = b.ask({ headers: { 'cache-control': 'no-cache' } }).catch((error: unknown) => error)
    await fleet.sent.until('waiting', 1)
    fleet.release('settle', 'request')
    expect(await first).toBe('old (stale)')
    expect(await second).toMatchObject({ status: 503, statusCode: 503 })
    expect(tally.count('runs')).toBe(2)
  })

  it('fails for all of its variant, where it is known what that varies on', async () => {
    const vary = lines({ vary: 'accept-language' })
    const { clock, fleet, gate, tally, join } = setUp(once(throws, () => answer('old', { headers: vary })))
    const [a, b] = [join(), join()]
    gate.open()
    for (const { ask } of [a, b]) expect(await ask(en)).toMatch(/^old/)
    clock.advance(TTL)
    fleet.hold('settle', 'request')
    const asking = [a.ask(en), b.ask(en), b.ask(en)].map(given)
    await fleet.sent.until('waiting', 1)
    fleet.release('settle', 'request')
    expect(await Promise.all(asking)).toEqual(['Error: down', 'Error: down', 'Error: down'])
    // The first load, then once in the one process and twice in the other.
    expect(tally.count('runs')).toBe(4)
  })

  it('ends the refreshes of all processes, and the stored response stays', async () => {
    const { clock, fleet, gate, tally, join } = setUp(once(answers(500)), { staleWhileRevalidate: LONG })
    const [a, b] = [join(), join()]
    gate.open()
    for (const { ask } of [a, b]) await ask()
    clock.advance(TTL)
    fleet.hold('settle', 'request')
    const asking = [a.ask(), b.ask()].map(given)
    await fleet.sent.until('waiting', 1)
    fleet.release('settle', 'request')
    expect(await Promise.all(asking)).toEqual([
      'broken (miss)',
      'Error: stampede: the handler answered with status 500',
    ])
    expect(tally.count('runs')).toBe(2)
    expect(await Promise.all([a.ask(), b.ask()])).toEqual(['old (stale)', 'old (stale)'])
  })
})

it('a refusal says nothing of other processes: each asks once', async () => {
  const { clock, fleet, gate, tally, join } = setUp(once(answers(403)), { staleWhileRevalidate: LONG })
  const [a, b] = [join(), join()]
  gate.open()
  for (const { ask } of [a, b]) await ask()
  clock.advance(TTL)
  fleet.hold('settle', 'request')
  const asking = [a.ask(), b.ask(), b.ask()]
  await fleet.sent.until('waiting', 1)
  fleet.release('settle', 'request')
  expect(await Promise.all(asking)).toEqual(['broken (miss)', 'broken (miss)', 'old (stale)'])
  expect(tally.count('runs')).toBe(3)
})

it.each([
  ['process', ['run 1 (miss)', 'run 1 (collapsed)', 'run 1 (collapsed)']],
  ['caller', ['run 1 (miss)', 'run 2 (miss)', 'run 3 (miss)']],
] as const)('where the fleet shares nothing, each %s runs its own', async (each, expected) => {
  const { fleet, gate, join } = setUp(plain)
  const store: SharedStore = {
    join: local => Object.assign(fleet.store().join(local), { acquire: async () => ({ kind: 'pass', each }) as const }),
  }
  const { ask, http } = join({ store })
  gate.open()
  expect((await Promise.all([ask(), ask(), ask()])).sort()).toEqual([...expected].sort())
  expect(http.stats().entries).toBe(each === 'process' ? 1 : 0)
})

it('a response that is stale on arrival is found by other processes, for its windows', async () => {
  const headers = lines({ 'cache-control': 'max-age=0, stale-while-revalidate=60', age: '20' })
  const { clock, gate, tally, join } = setUp(run => answer(`run ${run}`, { headers }), { clientDirectives: 'honor' })
  const [a, b] = [join(), join()]
  gate.open()
  expect(await a.ask()).toBe('run 1 (miss)')
  clock.advance(10)
  const asked = await b.ask({ headers: { 'cache-control': 'max-stale=3600' } })
  expect([asked, tally.count('runs')]).toEqual(['run 1 (hit)', 1])
  expect(await join().ask()).toBe('run 2 (miss)')
})

it('a response that is not in the store is served no longer than degradedTtl, stale or not', async () => {
  const own = { ttl: LONG, staleWhileRevalidate: LONG, staleIfError: LONG }
  const { clock, fleet, gate, join } = setUp(plain, own)
  const { ask } = join()
  gate.open()
  fleet.stop()
  expect(await ask()).toBe('run 1 (miss)')
  clock.advance(4_999)
  expect(await ask()).toBe('run 1 (hit)')
  clock.advance(1)
  expect(await ask()).toBe('run 2 (miss)')
})

it.each(['without a store', 'over a store', 'while the store is away'])(
  'what has no end is kept, and is given for as long as it may be: %s',
  async how => {
    const { clock, fleet, gate, join } = setUp(plain, { ttl: Number.POSITIVE_INFINITY })
    const { ask } = join(how === 'without a store' ? { store: undefined } : {})
    gate.open()
    if (how === 'while the store is away') fleet.stop()
    expect(await ask()).toBe('run 1 (miss)')
    await delivered()
    clock.advance(4_999)
    expect(await ask()).toBe('run 1 (hit)')
    clock.advance(1_000_000)
    expect(await ask()).toBe(how === 'while the store is away' ? 'run 2 (miss)' : 'run 1 (hit)')
  },
)
