import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deltaMs, parseCacheControl, parseDelta } from '../../../src/http/rfc/cache-control.ts'

describe('Cache-Control', () => {
  it.each([
    ['max-age=60', 60_000],
    ['MAX-AGE = "60"', 60_000],
    ['public, max-age=60, immutable', 60_000],
    ['max-age=60, max-age=30', 30_000],
    ['max-age=30, max-age=60', 30_000],
    ['max-age=60, max-age', 0],
    ['max-age=soon, max-age=60', 0],
    ['max-age=sixty', 0],
    ['max-age=-1', 0],
    ['max-age', 0],
    ['max-age=1.5', 0],
    ['max-age=99999999999999999999', 2 ** 31 * 1000],
    ['x="max-age=60", y=1', undefined],
    ['no-max-age=60', undefined],
    ['', undefined],
  ])('%j is fresh for %s ms', (field, expected) => {
    expect(deltaMs(parseCacheControl(field), 'max-age')).toBe(expected)
  })

  it('knows a directive without an argument, in any case', () => {
    expect(parseCacheControl('No-Store').get('no-store')).toBe('')
    expect([...parseCacheControl(undefined)]).toEqual([])
  })

  it('takes an argument in quotes for the same as without, whatever is escaped in it', () => {
    const directives = parseCacheControl(String.raw`ext="a \", private=\"b", max-age="60"`)
    expect([...directives.keys()]).toEqual(['ext', 'max-age'])
    expect(deltaMs(directives, 'max-age')).toBe(60_000)
  })

  it('knows a qualified directive by its name, and nothing that stands within quotes', () => {
    const directives = parseCacheControl('private="set-cookie, x", ext="a, no-store"')
    expect([directives.has('private'), directives.has('no-store'), directives.has('x')]).toEqual([true, false, false])
  })
})

describe('a number of seconds (RFC 9111 s1.2.2)', () => {
  it.each([
    ['0', 0],
    ['007', 7],
    ['2147483648', 2 ** 31],
    ['2147483649', 2 ** 31],
    ['9'.repeat(400), 2 ** 31],
    ['', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    [' 1', undefined],
    ['1 ', undefined],
  ])('%j is %s', (text, expected) => {
    expect(parseDelta(text)).toBe(expected)
  })

  it('is none of a directive that is not there', () => {
    expect(deltaMs(parseCacheControl('max-age=5'), 's-maxage')).toBeUndefined()
  })
})

describe('any field', () => {
  it('has the directives that were written into it, among whatever others', () => {
    const name = fc.constantFrom('a', 'b-c', 'max-age', 'NO-STORE')
    const argument = fc.constantFrom('', '=1', '="a, b"', '="a=1"', '=x', '="\\""')
    const separator = fc.constantFrom(',', ', ', ' , ', ',,')
    fc.assert(
      fc.property(fc.array(fc.tuple(name, argument)), separator, (members, between) => {
        const field = members.map(([of, value]) => of + value).join(between)
        const expected = new Set(members.map(([of]) => of.toLowerCase()))
        expect(new Set(parseCacheControl(field).keys())).toEqual(expected)
      }),
    )
  })
})
