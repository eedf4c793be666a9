import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { selectionOf } from '../../../src/http/rfc/range.ts'
import { view } from '../../support/views.ts'

const MODIFIED = 'Mon, 01 Jan 2024 12:00:00 GMT'
const SECOND_LATER = 'Mon, 01 Jan 2024 12:00:01 GMT'
const NONE = { etag: undefined, lastModified: undefined, date: undefined }

describe('a range of a stored response (RFC 9110 s14.1.2)', () => {
  it.each([
    ['bytes=0-0', { first: 0, end: 1 }],
    ['BYTES=0-9', { first: 0, end: 10 }],
    [' bytes=2- ', { first: 2, end: 10 }],
    ['bytes=9-9', { first: 9, end: 10 }],
    ['bytes=5-99999999999999999999999', { first: 5, end: 10 }],
    ['bytes=-1', { first: 9, end: 10 }],
    ['bytes=-11', { first: 0, end: 10 }],
    ['bytes=10-10', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=2-1', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=1-2-3', 'whole'],
    ['bytes=+1-2', 'whole'],
    ['bytes=1-2,', 'whole'],
    ['seconds=1-2', 'whole'],
  ])('%j selects %j of ten bytes', (range, selection) => {
    expect(selectionOf(view({ headers: { range } }), 10, NONE)).toEqual(selection)
  })

  it('selects nothing of an empty body, and all of it by a suffix is nothing, too', () => {
    for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-1'])
      expect(selectionOf(view({ headers: { range } }), 0, NONE)).toBe('none')
  })

  it('is never outside of the body, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.option(fc.nat()), fc.nat({ max: 20 }), (text, from, to, length) => {
        for (const range of [text, `bytes=${from}-${to ?? ''}`, `bytes=-${from}`]) {
          const selection = selectionOf(view({ headers: { range } }), length, NONE)
          if (typeof selection === 'string') continue
          expect(selection.first).toBeGreaterThanOrEqual(0)
          expect(selection.end).toBeGreaterThan(selection.first)
          expect(selection.end).toBeLessThanOrEqual(length)
        }
      }),
    )
  })

  it.each([
    ['"a"', { ...NONE, etag: '"a"' }, true],
    [' "a" ', { ...NONE, etag: '"a"' }, true],
    ['"b"', { ...NONE, etag: '"a"' }, false],
    ['W/"a"', { ...NONE, etag: 'W/"a"' }, false],
    ['"a"', NONE, false],
    [MODIFIED, { ...NONE, lastModified: MODIFIED, date: SECOND_LATER }, true],
    [MODIFIED, { ...NONE, lastModified: MODIFIED, date: MODIFIED }, false],
    [MODIFIED, { ...NONE, lastModified: MODIFIED }, false],
    [SECOND_LATER, { ...NONE, lastModified: MODIFIED, date: SECOND_LATER }, false],
    ['', NONE, false],
  ])('holds with If-Range: %j for %j: %s (RFC 9110 s13.1.5)', (ifRange, validators, holds) => {
    const asked = view({ headers: { range: 'bytes=0-0', 'if-range': ifRange } })
    expect(selectionOf(asked, 10, validators)).toEqual(holds ? { first: 0, end: 1 } : 'whole')
  })

  it('is for GET alone', () => {
    expect(selectionOf(view({ method: 'HEAD', headers: { range: 'bytes=0-0' } }), 10, NONE)).toBe('whole')
  })
})
