import { describe, expect, it } from 'vitest'
import { OptionError, TimeoutError } from '../../src/index.ts'

const circular: unknown[] = []
circular.push(circular)

describe('an OptionError', () => {
  it.each<[string, unknown]>([
    ['"five"', 'five'],
    ['"say \\"hi\\""', 'say "hi"'],
    [`"${'x'.repeat(60)}"`, 'x'.repeat(60)],
    [`"${'x'.repeat(60)}..."`, 'x'.repeat(61)],
    ['5', 5],
    ['NaN', Number.NaN],
    ['5n', 5n],
    ['true', true],
    ['undefined', undefined],
    ['null', null],
    ['Symbol(s)', Symbol('s')],
    ['a function', () => 5],
    ['an object', { ttl: 5 }],
    ['an array ()', []],
    ['an array (an array (an array))', [[[[]]]]],
    ['an array (an array (an array))', circular],
    ['an array ("GET", 5, null, an array (an object))', ['GET', 5, null, [{}]]],
    [`an array (${'1, '.repeat(20)}...)`, Array.from({ length: 30 }, () => 1)],
  ])('shows %s', (shown, received) => {
    expect(new OptionError('ttl', received, 'a number').message).toBe(
      `stampede: option "ttl" got ${shown}; it takes a number`,
    )
  })

  it('is a TypeError that knows its name and its option', () => {
    const error = new OptionError('ttl', 5, 'a number')
    expect(error).toBeInstanceOf(TypeError)
    expect({ name: error.name, option: error.option }).toEqual({ name: 'OptionError', option: 'ttl' })
  })
})

describe('a TimeoutError', () => {
  it('says which key, which limit, and what to do', () => {
    const error = new TimeoutError('user:5', 100)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'TimeoutError', key: 'user:5', option: 'timeout' })
    expect(error.message).toBe(
      'stampede: the fetch for key "user:5" took longer than its timeout of 100 ms; ' +
        'raise the option "timeout" if it may, and check that it does not wait for its own key',
    )
  })

  it('shows a long key only in part', () => {
    const error = new TimeoutError('x'.repeat(1_000), 100)
    expect(error.message.length).toBeLessThan(300)
    expect(error.key).toHaveLength(1_000)
  })
})
