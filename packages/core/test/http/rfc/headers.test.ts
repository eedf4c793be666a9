import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  appending,
  applied,
  combined,
  headerLines,
  type HeaderValue,
  listed,
  replacing,
} from '../../../src/http/rfc/headers.ts'
import { lines } from '../../support/views.ts'

describe('header lines', () => {
  it.each<[string, readonly (readonly [string, HeaderValue])[], readonly (readonly [string, readonly string[]])[]]>([
    ['have names in lower case', [['ETag', '"a"']], [['etag', ['"a"']]]],
    ['are text though a number was set', [['Age', 5]], [['age', ['5']]]],
    ['are one for each member', [['vary', ['a', 'b']]], [['vary', ['a', 'b']]]],
    [
      'of a name that comes twice are all kept',
      [
        ['A', '1'],
        ['a', ['2', '3']],
      ],
      [['a', ['1', '2', '3']]],
    ],
    ['are none for what was not set', [['a', undefined]], []],
  ])('%s', (_name, entries, expected) => {
    expect([...headerLines(entries)]).toEqual(expected)
  })

  it('do not write to the list that a framework handed over', () => {
    const own = ['1']
    headerLines([
      ['a', own],
      ['a', '2'],
    ])
    expect(own).toEqual(['1'])
  })

  it('of one field form one list (RFC 9110 s5.3)', () => {
    const headers = lines({ vary: ['a, b', 'c'] })
    expect(combined(headers, 'vary')).toBe('a, b, c')
    expect(combined(headers, 'etag')).toBeUndefined()
  })

  it('come back from the reply that they were put on', () => {
    const name = fc.constantFrom('a', 'b', 'c')
    const some = fc.array(fc.string(), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.dictionary(name, some), headers => {
        const before = lines(headers)
        const reply = [...before].map(
          ([of, value]) => [of, applied('old', { name: of, value, append: false })] as const,
        )
        expect(headerLines(reply)).toEqual(before)
      }),
    )
  })
})

describe('a list of names', () => {
  it.each([
    ['Accept, ORIGIN', ['accept', 'origin']],
    [' a ,, b,', ['a', 'b']],
    ['', []],
    [undefined, []],
  ])('%j is %j', (value, expected) => {
    expect(listed(value)).toEqual(expected)
  })
})

describe('a header applied to a reply', () => {
  it.each<[HeaderValue, string | readonly string[], string | readonly string[]]>([
    [undefined, 'new', 'new'],
    ['old', 'new', 'new'],
    [['old', 'older'], ['new'], 'new'],
    ['old', ['new', 'newer'], ['new', 'newer']],
    ['old', [], []],
  ])('in place of %j is %j', (present, value, expected) => {
    expect(applied(present, { name: 'a', value, append: false })).toEqual(expected)
  })

  it.each<[HeaderValue, string | readonly string[], string | readonly string[]]>([
    [undefined, 'new', 'new'],
    [undefined, ['new', 'newer'], ['new', 'newer']],
    ['old', 'new', ['old', 'new']],
    [5, 'new', ['5', 'new']],
    [['old', 'older'], ['new'], ['old', 'older', 'new']],
  ])('added to %j is %j', (present, value, expected) => {
    expect(applied(present, { name: 'a', value, append: true })).toEqual(expected)
  })

  it('replaces or adds as it was made to', () => {
    expect(applied('old', replacing('a', 'new'))).toBe('new')
    expect(applied('old', appending('a', 'new'))).toEqual(['old', 'new'])
    expect(replacing('a', 'new').name + appending('b', 'new').name).toBe('ab')
  })
})
