import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNotModified, notModifiedHeaders } from '../../../src/http/rfc/conditional.ts'
import { appending, replacing } from '../../../src/http/rfc/headers.ts'
import { view } from '../../support/views.ts'

const NOON = 'Mon, 01 Jan 2024 12:00:00 GMT'
const EARLIER = 'Mon, 01 Jan 2024 11:59:59 GMT'
const LATER = 'Mon, 01 Jan 2024 12:00:01 GMT'

const holds = (headers: Readonly<Record<string, string>>, etag?: string, lastModified?: string): boolean =>
  isNotModified(view({ headers }), { etag, lastModified, date: undefined })

describe('If-None-Match', () => {
  it.each([
    ['"a"', '"a"', true],
    ['"a"', '"b"', false],
    ['"a", "b", W/"c"', '"b"', true],
    ['"a","b"', '"b"', true],
    ['"a", "b"', '"ab"', false],
    ['"a,b"', '"a,b"', true],
    ['"a,b"', '"b"', false],
    ['"W/a"', '"a"', false],
    ['""', '""', true],
    ['a', '"a"', false],
    ['', '"a"', false],
    ['*', '"a"', true],
    [' * ', '"a"', true],
    ['*', undefined, true],
    ['"*"', '"a"', false],
    ['"a"', undefined, false],
  ])('%s is met by ETag %s: %s (RFC 9110 s13.1.2)', (candidates, etag, expected) => {
    expect(holds({ 'if-none-match': candidates }, etag)).toBe(expected)
  })

  it.each([
    ['W/"a"', 'W/"a"'],
    ['W/"a"', '"a"'],
    ['"a"', 'W/"a"'],
  ])('compares weakly: %s is met by %s (RFC 9110 s8.8.3.2)', (candidate, etag) => {
    expect(holds({ 'if-none-match': candidate }, etag)).toBe(true)
  })

  it('counts alone where If-Modified-Since stands beside it (RFC 9110 s13.1.3)', () => {
    const headers = { 'if-none-match': '"old"', 'if-modified-since': LATER }
    expect(holds(headers, '"new"', NOON)).toBe(false)
    expect(holds({ ...headers, 'if-modified-since': EARLIER }, '"old"', NOON)).toBe(true)
  })

  it('is satisfied by a tag anywhere in the list', () => {
    const opaque = fc.string({ unit: fc.constantFrom('a', 'b', ',', ' ', 'W', '/'), maxLength: 4 })
    fc.assert(
      fc.property(fc.array(opaque), opaque, (others, own) => {
        const candidates = others.map(tag => `"${tag}"`).join(', ')
        expect(holds({ 'if-none-match': candidates }, `"${own}"`)).toBe(others.includes(own))
      }),
    )
  })
})

describe('If-Modified-Since', () => {
  it.each([
    [NOON, NOON, true],
    [LATER, NOON, true],
    [EARLIER, NOON, false],
    [LATER, undefined, false],
    [LATER, 'once', false],
    ['2030', NOON, false],
    ['tomorrow', NOON, false],
  ])(
    '%s is met by Last-Modified %s: %s; what is no date is ignored (RFC 9110 s13.1.3)',
    (since, modified, expected) => {
      expect(holds({ 'if-modified-since': since }, undefined, modified)).toBe(expected)
    },
  )

  it('and nothing else makes a request conditional', () => {
    expect(holds({ 'if-range': '"a"' }, '"a"', NOON)).toBe(false)
  })
})

describe('a 304 made of a stored 200', () => {
  it('keeps its headers but those that describe the body (RFC 9110 s15.4.5)', () => {
    const kept = [replacing('etag', '"a"'), replacing('content-location', '/x'), appending('vary', 'accept')]
    const ofTheBody = ['content-encoding', 'content-language', 'content-range', 'content-type']
    expect(notModifiedHeaders([...ofTheBody.map(name => replacing(name, 'x')), ...kept])).toEqual(kept)
  })
})
