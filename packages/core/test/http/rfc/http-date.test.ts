import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseHttpDate } from '../../../src/http/rfc/http-date.ts'

describe('a date as HTTP writes it (RFC 9110 s5.6.7)', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it.each([
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ])('%s is read', text => {
    expect(parseHttpDate(text)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37))
  })

  it.each([
    '',
    '0',
    '-1',
    '3600',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 EST',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'Sun, 06 Nov 1994 08:49:37 GMT+0100',
    'Sun, 06 Nov 1994 08:49:37 GMT, and more',
    'x Sun, 06 Nov 1994 08:49:37 GMT',
    'x Sun Nov  6 08:49:37 1994',
    'Sun Nov  6 08:49:37 1994 EST',
    'Sun Nov ,6 08:49:37 1994',
    'Sun, 06 Nux 1994 08:49:37 GMT',
    'Sun, 06-Nov-1994 08:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sunday, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06-Nov 1994 08:49:37 GMT',
  ])('is not %j', text => {
    expect(parseHttpDate(text)).toBeNaN()
  })

  it.each([0, 1, 49, 50])('of two digits of a year is %i years ahead at most 50 (RFC 9110 s5.6.7)', ahead => {
    const year = new Date().getUTCFullYear() + ahead
    expect(parseHttpDate(`Sunday, 06-Nov-${String(year).slice(2)} 08:49:37 GMT`)).toBe(Date.UTC(year, 10, 6, 8, 49, 37))
  })

  it('of two digits of a year that would be more than 50 years ahead is in the past', () => {
    const year = new Date().getUTCFullYear() + 51
    const past = Date.UTC(year - 100, 10, 6, 8, 49, 37)
    expect(parseHttpDate(`Sunday, 06-Nov-${String(year).slice(2)} 08:49:37 GMT`)).toBe(past)
  })

  it('of the form without a zone is in GMT, wherever the process runs (RFC 9111 s4.2)', () => {
    // Takes effect in a process, as Vitest has it, and none in a thread, as Stryker has it.
    vi.stubEnv('TZ', 'Asia/Tokyo')
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994')).toBe(Date.UTC(1994, 10, 6, 8, 49, 37))
  })

  it('is read back as it was written, to the second', () => {
    const range = { min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }
    fc.assert(
      fc.property(fc.date(range), date => {
        expect(parseHttpDate(date.toUTCString())).toBe(Math.floor(date.getTime() / 1000) * 1000)
      }),
    )
  })
})
