import { describe, expect, it } from 'vitest'
import { FakeFleet } from '../../../conformance/src/fake-fleet.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { Stampede, type StampedeOptions } from '../../src/index.ts'

const DURATION = 'a duration in milliseconds: a number, 0 or more, or Infinity'
const LIMIT = 'a time limit in milliseconds: a number above 0, or Infinity for none'
const COUNT = 'a whole number, 1 or more'
const SIZE_OF = 'a function (value, key) => bytes'
const BYTES = 'a number of bytes, 0 or more, or Infinity'
const NEVER = Number.POSITIVE_INFINITY

/** What each option takes in words, what it must accept, and what it must not. */
const rules: { readonly [Name in keyof StampedeOptions]-?: readonly [string, readonly unknown[], readonly unknown[]] } =
  {
    store: [
      'a shared store: an object with join()',
      [new FakeFleet({ clock: new TestClock() }).store()],
      ['redis', null, {}, { join: 1 }],
    ],
    maxEntries: [COUNT, [1, 1e9], [0, 1.5, NEVER, '5']],
    maxBytes: [BYTES, [0, 1, NEVER], [-1, Number.NaN, '5']],
    sizeOf: [SIZE_OF, [() => 1], [5, 'length', {}]],
    ttl: [DURATION, [0, 0.5, NEVER], [-1, Number.NaN, '5', null]],
    staleWhileRevalidate: [DURATION, [0, 5, NEVER], [-1, Number.NaN, '5']],
    staleIfError: [DURATION, [0, 5, NEVER], [-1, Number.NaN, '5']],
    errorTtl: [DURATION, [0, 5, NEVER], [-1, Number.NaN, '5']],
    jitter: ['a number from 0 to 1', [0, 0.5, 1], [-0.1, 1.1, Number.NaN, '0']],
    earlyRefresh: ['a number, 0 or more: the beta of XFetch', [0, 1, 3.5], [-1, NEVER, Number.NaN, true]],
    timeout: [LIMIT, [1, NEVER], [0, -1, Number.NaN, '5']],
    softTimeout: [LIMIT, [1, NEVER], [0, -1, Number.NaN, '5']],
    maxFlights: [COUNT, [1, 1e9], [0, 1.5, NEVER, '5']],
    clock: ['a clock: an object with now()', [{ now: () => 1 }], [5, {}, () => 1]],
    random: ['a function () => number', [() => 0], [0.5, {}]],
    onEvent: ['a function (event) => void', [() => {}], [5, {}]],
  }

describe.each(Object.entries(rules))('the option %s', (name, [takes, taken, refused]) => {
  /** With what the option needs beside it. */
  const make = (value: unknown): Stampede =>
    new Stampede({ ...(name === 'maxBytes' && { sizeOf: () => 1 }), [name]: value })

  it.each(refused.map(value => [value]))('refuses %j at construction: what it got, and what it takes', value => {
    expect(() => make(value)).toThrow(expect.objectContaining({ name: 'OptionError', option: name }))
    expect(() => make(value)).toThrow(`stampede: option "${name}" got `)
    expect(() => make(value)).toThrow(`; it takes ${takes}`)
  })

  it('takes what it says it takes, and undefined for unset', () => {
    for (const value of [...taken, undefined]) expect(make(value).stats().entries).toBe(0)
  })
})

it('maxBytes without sizeOf is refused: nothing would measure', () => {
  expect(() => new Stampede({ maxBytes: 5 })).toThrow('"maxBytes" got 5; it takes a bound only together with')
})

it('sizeOf receives the value and the key', async () => {
  const told: unknown[] = []
  const cache = new Stampede({ ttl: 1_000, sizeOf: (...given) => told.push(...given) })
  await cache.set('k', 'v')
  expect(told).toEqual(['v', 'k'])
})
