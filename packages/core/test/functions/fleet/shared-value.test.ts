import { describe, expect, it } from 'vitest'
import { setUpFleet } from '../../support/fleets.ts'
import { fails } from '../../support/set-up.ts'

describe('values that go through the store', () => {
  const sent = [
    undefined,
    null,
    0,
    '',
    'text \u00e9 \ud83d\ude00',
    'half \ud800',
    true,
    [1, [2]],
    { a: { b: null } },
    JSON.parse('{"__proto__":1}'),
  ]

  it.each(sent.map(value => [value]))('are what they were: %j', async value => {
    const { join } = setUpFleet()
    const [a, b] = [join(), join()]
    await a.set('k', value)
    expect(await b.get('k', fails('unused'))).toStrictEqual(value)
  })

  it.each([Uint8Array.from({ length: 256 }, (_, byte) => byte), new Uint8Array(), Buffer.from('bytes')])(
    'are the very bytes, in the same class: %o',
    async value => {
      const { join } = setUpFleet()
      const [a, b] = [join(), join()]
      await a.set('k', value)
      const got = (await b.get('k', fails('unused'))) as unknown
      expect(got).toEqual(value)
      expect(Object.getPrototypeOf(got)).toBe(Object.getPrototypeOf(value))
    },
  )

  const cycle: unknown[] = []
  cycle.push(cycle)
  /** Serialized, as large as two to the power of its depth. */
  let doubled: unknown = 'x'
  for (let depth = 0; depth < 60; depth += 1)
    doubled = depth % 2 === 0 ? [doubled, doubled] : { a: doubled, b: doubled }
  const text = 'x'.repeat(1_000_000)
  it.each([
    ['undefined at ["a"]', { a: undefined }],
    ['a Map', new Map()],
    ['a Date at ["at"][0]', { at: [new Date()] }],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['-0', -0],
    [
      'a getter at ["told"]',
      {
        get told() {
          return 1
        },
      },
    ],
    ['a getter at [1]', Object.defineProperty([1, 2], 1, { get: () => 2 })],
    ['an object with toJSON', { toJSON: () => 1 }],
    ['a class of bytes', new (class Own extends Uint8Array {})(1)],
    ['deeper', cycle],
    ['too large to be told', doubled],
    ['too large to be told', Array.from({ length: 100 }, () => text)],
    ['too large to be told', Array.from({ length: 100 }, () => ({ [text]: 1 }))],
    ['too large to be told', Array.from({ length: 1_000_000 }, () => 1)],
    ['too large to be told', Object.assign([], { length: 2 ** 32 - 1 })],
    ['a Own', new (class Own extends Array<number> {})()],
    ['properties that JSON leaves out', Object.assign([1], { input: 'x' })],
    ['properties that JSON leaves out', { [Symbol('s')]: 1 }],
  ])('stay in the process where they would be others in the next one: %s', async (what, value) => {
    const { fleet, gate, tally, events, join } = setUpFleet()
    const [a, b] = [join(), join()]
    const own = async (): Promise<unknown> => {
      tally.add('own')
      await gate.passed()
      return value
    }
    const calls = [a.get('k', own), b.get('k', own)]
    await fleet.sent.until('waiting', 1)
    gate.open()
    expect(await Promise.all(calls)).toEqual([value, value])
    expect(tally.count('own')).toBe(2)
    expect(await a.get('k', fails('unused'))).toBe(value)
    const errors = events.flatMap(event => (event.type === 'error' ? [String(event.error)] : []))
    expect(errors).toEqual([expect.stringContaining(what)])
    expect(await a.set('k', value)).toEqual({ fleet: false })
    expect(b.peek('k')).toBeUndefined()
  })
})
