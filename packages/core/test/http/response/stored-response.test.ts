import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { appending, replacing } from '../../../src/http/rfc/headers.ts'
import type { HeaderValue, ReplayedResponse } from '../../../src/http/index.ts'
import { byteLength } from '../../../src/http/rfc/body-length.ts'
import { type MadeResponse, StoredResponse } from '../../../src/http/response/stored-response.ts'
import { lines, view } from '../../support/views.ts'

const NOW = 1_000_000
const NOON = 'Mon, 01 Jan 2024 12:00:00 GMT'
const NOON_MS = Date.parse(NOON)

function stored(given: Partial<MadeResponse> & { readonly set?: Readonly<Record<string, HeaderValue>> } = {}): {
  readonly response: StoredResponse
  readonly replay: (after?: number, headers?: Readonly<Record<string, string>>) => ReplayedResponse
} {
  const { set = {}, ...made } = given
  const origin = { status: 200, headers: lines(set) }
  const response = new StoredResponse({
    key: 'k',
    origin,
    headers: [],
    body: 'x',
    tags: [],
    now: NOW,
    wallNow: NOON_MS,
    lifetime: 5_000,
    ...made,
  })
  return { response, replay: (after = 0, headers = {}) => response.replayFor(view({ headers }), NOW + after) }
}

const ageOf = ({ headers }: ReplayedResponse): unknown => headers.find(({ name }) => name === 'age')?.value

describe('a stored response', () => {
  it('lives from the moment it was stored for its lifetime, and is gone at once with one below 0', () => {
    expect(stored().response).toMatchObject({ storedAt: NOW, freshUntil: NOW + 5_000, goneAt: NOW + 5_000 })
    const past = stored({ lifetime: -1 }).response
    expect(past).toMatchObject({ storedAt: NOW, freshUntil: NOW - 1, goneAt: NOW - 1 })
  })

  it('counts its key and headers at two bytes a character, its body, and an overhead', () => {
    const bytes = (given: Partial<MadeResponse>): number => stored({ key: '', body: null, ...given }).response.bytes
    expect(bytes({})).toBe(256)
    expect(bytes({ key: 'key' })).toBe(256 + 6)
    expect(bytes({ body: 'äb' })).toBe(256 + 3)
    expect(bytes({ body: new Uint8Array(10) })).toBe(256 + 10)
    expect(bytes({ headers: [replacing('a', 'bc'), appending('d', 'e')] })).toBe(256 + 10)
    expect(bytes({ headers: [{ name: 'a', value: ['b', 'c'], append: false }] })).toBe(256 + 8)
  })

  it('is replayed with its status, headers, body and length', () => {
    const { replay } = stored({
      origin: { status: 404, headers: lines({}) },
      headers: [replacing('a', 'b')],
      body: 'ä',
    })
    expect(replay()).toEqual({
      status: 404,
      headers: [replacing('a', 'b'), replacing('age', '0')],
      body: 'ä',
      byteLength: 2,
    })
  })

  it('keeps its own copy of the bytes, and hands out another each time', () => {
    const own = new Uint8Array([1, 2])
    const { replay } = stored({ body: own })
    own.fill(0)
    const first = replay()
    if (first.body instanceof Uint8Array) first.body.fill(9)
    expect(replay()).toMatchObject({ body: new Uint8Array([1, 2]), byteLength: 2 })
  })

  it('without a body has none', () => {
    expect(stored({ body: null }).replay()).toMatchObject({ body: null, byteLength: 0 })
  })
})

describe('the Age of a replay (RFC 9111 s5.1)', () => {
  it.each([
    [undefined, 0, '0'],
    [undefined, 999, '0'],
    [undefined, 1_000, '1'],
    ['30', 0, '30'],
    ['30', 2_500, '32'],
    ['none', 2_500, '2'],
  ])('that came with %s is, %i ms later, %s whole seconds', (age, after, expected) => {
    expect(ageOf(stored({ set: { age } }).replay(after))).toBe(expected)
  })

  it('is a whole number, never negative, and never less than before', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), (age, one, more) => {
        const { replay } = stored({ set: { age } })
        const [first, second] = [one, one + more].map(after => String(ageOf(replay(after))))
        expect(first).toMatch(/^\d+$/)
        expect(Number(second)).toBeGreaterThanOrEqual(Number(first))
      }),
    )
  })
})

describe('a conditional request', () => {
  const version = {
    set: { etag: '"a"', 'last-modified': NOON, age: '3' },
    headers: [replacing('etag', '"a"'), replacing('content-type', 'x/y')],
  }

  it.each([
    ['if-none-match', '"a"'],
    ['if-modified-since', NOON],
  ])('that names by %s what is stored gets a 304 without a body (RFC 9111 s4.3.2)', (name, value) => {
    expect(stored(version).replay(0, { [name]: value })).toEqual({
      status: 304,
      headers: [replacing('etag', '"a"'), replacing('age', '3')],
      body: null,
      byteLength: 0,
    })
  })

  it.each([
    ['if-none-match', '"b"'],
    ['if-modified-since', 'Mon, 01 Jan 2024 11:59:59 GMT'],
  ])('that names by %s another version gets the whole', (name, value) => {
    expect(stored(version).replay(0, { [name]: value })).toMatchObject({ status: 200, body: 'x', byteLength: 1 })
  })

  it('gets a 304 in place of a 200 only (RFC 9110 s13.2.1)', () => {
    const origin = { status: 404, headers: lines(version.set) }
    expect(stored({ origin }).replay(0, { 'if-none-match': '"a"' }).status).toBe(404)
  })
})

describe('the length of a body', () => {
  it.each([
    [null, 0],
    ['', 0],
    ['aä€', 6],
    [new Uint8Array(3), 3],
  ])('%s is %i bytes', (body, expected) => {
    expect(byteLength(body)).toBe(expected)
  })
})
