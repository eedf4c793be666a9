import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applied, combined, headerLines, listed } from '../../../src/http/rfc/headers.ts'
import type { HeaderLines, HeaderValue, OriginResponse, ReplayedHeader } from '../../../src/http/index.ts'
import { replayedHeaders, variesOn } from '../../../src/http/response/snapshot.ts'
import { answer, lines } from '../../support/views.ts'

const NOW = new Date('2024-01-01T00:00:00Z')
const DATE = 'Sun, 31 Dec 2023 00:00:00 GMT'

type Given = Readonly<Record<string, HeaderValue>>

/** What is replayed of these headers, but for the date, which every one of these answers has. */
function replayed(headers: Given, before: Given = {}, given: Partial<OriginResponse> = {}): readonly ReplayedHeader[] {
  const origin = answer('x', { headers: lines({ ...headers, date: DATE }), before: lines(before), ...given })
  return replayedHeaders(origin, ['x-omitted'], NOW).filter(header => header.name !== 'date')
}

const namesOf = (headers: readonly ReplayedHeader[]): readonly string[] => headers.map(header => header.name)

describe('a replay', () => {
  it('has the headers that the handler set, each with its lines', () => {
    expect(replayed({ etag: '"a"', link: ['<a>', '<b>'] })).toEqual([
      { name: 'etag', value: '"a"', append: false },
      { name: 'link', value: ['<a>', '<b>'], append: false },
    ])
  })

  it.each([
    'age',
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authentication-info',
    'proxy-authorization',
    'proxy-connection',
    'set-cookie',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'ratelimit',
    'ratelimit-policy',
    'x-ratelimit-remaining',
    'x-omitted',
  ])('has no %s: it is of one exchange or one client (RFC 9110 s7.6.1, RFC 9111 s3.1)', name => {
    expect(namesOf(replayed({ [name]: 'x', etag: '"a"' }))).toEqual(['etag'])
  })

  it.each(['ratelimits', 'x-my-ratelimit', 'my-x-ratelimit', 'x-ratelimiter'])('has %s, which is another', name => {
    expect(namesOf(replayed({ [name]: 'x' }))).toEqual([name])
  })

  it('has no header that Connection names (RFC 9110 s7.6.1)', () => {
    expect(namesOf(replayed({ connection: 'close, X-Hop', 'x-hop': '1', 'x-end': '1' }))).toEqual(['x-end'])
  })

  it('leaves the length of its body to the framework, and keeps that of one which a HEAD speaks of', () => {
    expect(replayed({ 'content-length': '1' })).toEqual([])
    expect(namesOf(replayed({ 'content-length': '1', etag: '"a"' }, {}, { body: null }))).toEqual([
      'content-length',
      'etag',
    ])
  })

  it('has the moment of receipt where the handler set no date (RFC 9110 s6.6.1)', () => {
    const date = (headers: Given): unknown => replayedHeaders(answer('x', { headers: lines(headers) }), [], NOW)
    expect(date({})).toEqual([{ name: 'date', value: 'Mon, 01 Jan 2024 00:00:00 GMT', append: false }])
    expect(date({ date: DATE })).toEqual([{ name: 'date', value: DATE, append: false }])
  })
})

describe('a header that stood on the reply before the handler ran', () => {
  it.each<[string, HeaderValue, HeaderValue, readonly Omit<ReplayedHeader, 'name'>[]]>([
    ['is left to the middleware that set it', 'a', 'a', []],
    ['is left to it, all lines of it', ['a', 'b'], ['a', 'b'], []],
    ['is replayed as changed', 'a', 'b', [{ value: 'b', append: false }]],
    ['is replayed in another order', ['a', 'b'], ['b', 'a'], [{ value: ['b', 'a'], append: false }]],
    ['is replayed where a line of several was changed', ['a', 'b'], ['a', 'c'], [{ value: ['a', 'c'], append: false }]],
    ['is replayed with fewer lines', ['a', 'b'], 'a', [{ value: 'a', append: false }]],
    ['has its new line added', 'a', ['a', 'b'], [{ value: 'b', append: true }]],
    ['has its new lines added', 'a', ['a', 'b', 'c'], [{ value: ['b', 'c'], append: true }]],
    ['has its new member added', 'a', 'a, b', [{ value: 'b', append: true }]],
    ['has its new members added', ['a', 'b'], 'a, b,c, d', [{ value: 'c, d', append: true }]],
    ['has its new members added over lines', 'a', ['a, b', 'c'], [{ value: 'b, c', append: true }]],
    ['is replayed where it only begins like the old one', 'a', 'ab', [{ value: 'ab', append: false }]],
    ['is replayed where the old one is a later member', 'a', 'b, a, c', [{ value: 'b, a, c', append: false }]],
    ['is removed where the handler removed it', 'a', undefined, [{ value: [], append: false }]],
  ])('%s', (_name, before, after, expected) => {
    expect(replayed({ vary: after }, { vary: before })).toEqual(expected.map(header => ({ name: 'vary', ...header })))
  })
})

describe('a replay on a reply that the same middleware made', () => {
  it('has the lists that the first reply had in the end', () => {
    const member = fc.constantFrom('a', 'b', 'a, b', 'b,a', 'ab')
    const given = fc.dictionary(fc.constantFrom('vary', 'link'), fc.array(member, { minLength: 1, maxLength: 3 }))
    fc.assert(
      fc.property(given, given, (before, after) => {
        const reply = new Map<string, HeaderValue>(Object.entries(before))
        for (const header of replayed(after, before)) reply.set(header.name, applied(reply.get(header.name), header))
        const listOf = (headers: HeaderLines, name: string): readonly string[] => listed(combined(headers, name))
        for (const name of ['vary', 'link'])
          expect(listOf(headerLines(reply), name)).toEqual(listOf(lines(after), name))
      }),
    )
  })
})

describe('an answer', () => {
  const varies = (headers: Given, requestOrigin?: string, before: Given = {}): readonly string[] =>
    variesOn(replayed(headers, before), lines(headers), requestOrigin)

  it.each<[string, Given, readonly string[]]>([
    ['nothing', {}, []],
    ['what it says, in a fixed order', { vary: 'Origin, accept' }, ['accept', 'origin']],
    ['what it says on several lines, once', { vary: ['b, a', 'A'] }, ['a', 'b']],
    ['Accept-Encoding where it is encoded', { vary: 'b', 'content-encoding': 'gzip' }, ['accept-encoding', 'b']],
    ['nothing where its encoding is none', { 'content-encoding': 'identity' }, []],
    ['nothing where it allows every origin', { 'access-control-allow-origin': '*' }, []],
    ['nothing where it allows another', { 'access-control-allow-origin': 'https://b' }, []],
    ['the origin that it echoes', { 'access-control-allow-origin': 'https://a' }, ['origin']],
  ])('varies on %s (RFC 9111 s4.1)', (_name, headers, expected) => {
    expect(varies(headers, 'https://a')).toEqual(expected)
  })

  it('does not vary on an origin that was not asked for', () => {
    expect(varies({ 'access-control-allow-origin': 'https://a' })).toEqual([])
    expect(varies({})).toEqual([])
  })

  it('does not vary on what a middleware made of it, which will do so again', () => {
    const set = { vary: 'origin', 'content-encoding': 'gzip', 'access-control-allow-origin': 'https://a' }
    expect(varies(set, 'https://a', set)).toEqual([])
  })
})
