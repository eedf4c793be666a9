import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDictionary } from '../../../src/http/rfc/structured-field.ts'

const entries = (field: string): unknown => {
  const members = parseDictionary(field)
  return members && Object.fromEntries(members)
}

describe('a Dictionary (RFC 9651 s3.2)', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['max-age=60', { 'max-age': '60' }],
    ['  max-age=60  ', { 'max-age': '60' }],
    ['a, b', { a: '', b: '' }],
    ['a ,\tb', { a: '', b: '' }],
    ['a=?1, b=?0', { a: '' }],
    ['a=1, a=2', { a: '2' }],
    ['a, a=?0', {}],
    ['a;x=1;y, b=2;z', { a: '', b: '2' }],
    ['a="b, c"', { a: '"b, c"' }],
    [String.raw`a="\"\\"`, { a: String.raw`"\"\\"` }],
    ['a=-1.5', { a: '-1.5' }],
    ['a=tok/en:*', { a: 'tok/en:*' }],
    ['a=:YQ==:', { a: ':YQ==:' }],
    ['a=@1659578233', { a: '@1659578233' }],
    ['a=%"%c3%bc"', { a: '%"%c3%bc"' }],
    ['a=(1 "b" c), d', { a: '(1 "b" c)', d: '' }],
    ['a=()', { a: '()' }],
    ['*a_b.c-d=1', { '*a_b.c-d': '1' }],
  ])('%j has its members as sent', (field, members) => {
    expect(entries(field)).toEqual(members)
  })

  it.each([
    '',
    '  ',
    ',',
    'a,',
    ', a',
    'a b',
    'A=1',
    'a=',
    'a==1',
    'a=é',
    'a="',
    'a="\n"',
    'a=1.',
    'a=1234567890123456',
    'a=1.2345',
    'a=(1',
    'a=?2',
    '1a',
    'a;B=1',
    'a=:*:',
  ])('%j can’t be read', field => {
    expect(entries(field)).toBeUndefined()
  })

  it('is read in a time that grows with its length, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.constantFrom('a;', 'a=(1 ', 'a,', 'a="\\', '(', ' '), part => {
        expect(() => parseDictionary(part.repeat(5_000))).not.toThrow()
      }),
    )
  })
})
