import { describe, expect, it } from 'vitest'
import {
  callback,
  checkOptions,
  clockRule,
  count,
  duration,
  flag,
  isDuration,
  limit,
  type OptionRules,
  resolveOptions,
} from '../../src/base/option-rules.ts'

interface Options {
  readonly wait: number
  readonly flag: boolean
}

const rules: OptionRules<Options> = { wait: duration(5), flag: flag(true) }
const nothing = (): void => {}

describe('options', () => {
  it.each<[unknown, Options]>([
    [undefined, { wait: 5, flag: true }],
    [{}, { wait: 5, flag: true }],
    [
      { wait: undefined, flag: false },
      { wait: 5, flag: false },
    ],
    [{ wait: 0 }, { wait: 0, flag: true }],
  ])('%j are, filled in, %j', (given, expected) => {
    expect(resolveOptions(rules, given)).toEqual(expected)
  })

  it('are checked without being filled in', () => {
    expect(checkOptions(rules, undefined)).toEqual({})
    expect(checkOptions(rules, { wait: 1 })).toEqual({ wait: 1 })
  })

  it.each<[unknown, string]>([
    [null, 'stampede: option "options" got null; it takes an object'],
    [5, 'stampede: option "options" got 5; it takes an object'],
    [[], 'stampede: option "options" got an array (); it takes an object'],
    [
      { wait: -1 },
      'stampede: option "wait" got -1; it takes a duration in milliseconds: a number, 0 or more, or Infinity',
    ],
    [{ flag: 1 }, 'stampede: option "flag" got 1; it takes true or false'],
    [{ wiat: 1 }, 'stampede: option "wiat" got 1; it takes nothing: there is no such option. Known ones: wait, flag'],
    [{ wiat: undefined }, 'option "wiat" got undefined; it takes nothing'],
    [{ toString: nothing }, 'option "toString" got a function; it takes nothing'],
  ])('%j are refused by name', (given, message) => {
    expect(() => resolveOptions(rules, given)).toThrow(message)
    expect(() => checkOptions(rules, given)).toThrow(message)
  })

  it('of a part are named with what they belong to', () => {
    expect(() => resolveOptions(rules, 5, 'route')).toThrow('option "route" got 5; it takes an object')
    expect(() => resolveOptions(rules, { wait: -1 }, 'route')).toThrow('option "route.wait" got -1')
    expect(() => resolveOptions(rules, { x: 1 }, 'route')).toThrow('option "route.x" got 1')
  })
})

describe('an option that takes', () => {
  const clock = { now: nothing }

  it.each([
    ['a duration', duration(0), [0, 0.5, Number.POSITIVE_INFINITY], [-1, Number.NaN, '5', null, 5n]],
    ['a limit', limit(1), [0.5, Number.POSITIVE_INFINITY], [0, -1, Number.NaN, '5', null]],
    ['a count', count(1), [1, 1_000], [0, -1, 1.5, Number.POSITIVE_INFINITY, '5', 2 ** 60]],
    ['a flag', flag(false), [true, false], [0, 1, 'true', null]],
    ['a function', callback('a function'), [nothing], ['nothing', {}, null]],
    [
      'a clock',
      clockRule(),
      [clock, { ...clock, setTimeout: nothing, clearTimeout: nothing }],
      [
        null,
        5,
        Object.assign((): void => {}, clock),
        {},
        { now: 5 },
        { ...clock, setTimeout: nothing },
        { ...clock, clearTimeout: nothing },
        { ...clock, setTimeout: 5, clearTimeout: 5 },
      ],
    ],
  ])('%s takes nothing else', (_name, rule, taken, refused) => {
    expect(taken.filter(value => !rule.accepts(value))).toEqual([])
    expect(refused.filter(value => rule.accepts(value))).toEqual([])
  })

  it.each([
    [duration(7), 7, 'a duration in milliseconds: a number, 0 or more, or Infinity'],
    [limit(7), 7, 'a time limit in milliseconds: a number above 0, or Infinity for none'],
    [count(7), 7, 'a whole number, 1 or more'],
    [flag(true), true, 'true or false'],
    [callback('a function (a) => b'), undefined, 'a function (a) => b'],
    [clockRule(), undefined, 'a clock: an object with now(), and with setTimeout() and clearTimeout() or neither'],
  ])('something by default says so in words, and what it is: %#', (rule, byDefault, takes) => {
    expect({ default: rule.default, takes: rule.takes }).toEqual({ default: byDefault, takes })
  })

  it('a duration differs from anything else', () => {
    expect([0, 1, Number.POSITIVE_INFINITY, -1, Number.NaN, '1'].map(isDuration)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ])
  })
})
