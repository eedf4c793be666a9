import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HeaderValue } from '../../../src/http/index.ts'
import { ageMs } from '../../../src/http/rfc/freshness.ts'
import { type Circumstances, judge, type Verdict } from '../../../src/http/rfc/storable.ts'
import { lines } from '../../support/views.ts'

const DEFAULT = 7_000
const NOW = Date.parse('Mon, 01 Jan 2024 00:00:00 GMT')
const MINUTE_LATER = 'Mon, 01 Jan 2024 00:01:00 GMT'
const HOUR_LATER = 'Mon, 01 Jan 2024 01:00:00 GMT'

type Given = Readonly<Record<string, HeaderValue>>

function judged(headers: Given, given: Partial<Circumstances> & { readonly status?: number } = {}): Verdict {
  const { status = 200, ...circumstances } = given
  return judge(
    { status, headers: lines(headers) },
    {
      sharedAuthorization: false,
      conditional: false,
      bodyBytes: undefined,
      maxBodyBytes: 100,
      targetList: ['stampede-cache-control', 'cdn-cache-control'],
      defaultLifetime: () => DEFAULT,
      staleWhileRevalidate: 0,
      staleIfError: 0,
      wallNow: NOW,
      ...circumstances,
    },
  )
}

const refused = (reason: string): unknown => ({ shareable: false, reason })
const freshFor = (lifetime: number): unknown => expect.objectContaining({ shareable: true, lifetime })

describe('a response', () => {
  it.each([200, 201, 204, 299, 300, 301, 308, 400, 404, 405, 410, 414, 422, 500, 501, 503, 599])(
    'with status %i is shared, and fresh for the default lifetime',
    status => expect(judged({}, { status })).toEqual(freshFor(DEFAULT)),
  )

  it.each([100, 101, 199, 206, 304, 305, 306, 399, 401, 407, 408, 425, 429, 431])(
    'with status %i is not shared: it speaks to one client, or means nothing to another request',
    status => expect(judged({}, { status })).toEqual(refused('status')),
  )

  it.each([302, 303, 307])('with status %i is stored where it says so (RFC 9110 s15.4)', status => {
    expect(judged({}, { status, defaultLifetime: () => 0 })).toEqual(freshFor(0))
    expect(judged({ 'cache-control': 'max-age=60' }, { status })).toEqual(freshFor(60_000))
  })

  it('with status 304 is shared by requests with the same conditions, and never stored', () => {
    const headers = { 'cache-control': 'max-age=60' }
    expect(judged(headers, { status: 304, conditional: true })).toEqual(freshFor(0))
    expect(judged({ ...headers, 'set-cookie': 'a=1' }, { status: 304, conditional: true })).toEqual(
      refused('set-cookie'),
    )
  })

  it.each([301, 400, 404, 412, 500])('with status %i to a condition is not stored for requests without one', status => {
    const headers = { 'cache-control': 'max-age=60' }
    expect(judged(headers, { status, conditional: true })).toEqual(freshFor(0))
    expect(judged(headers, { status })).toEqual(freshFor(60_000))
    expect(judged(headers, { status: 200, conditional: true })).toEqual(freshFor(60_000))
  })

  it.each<[string, Given, string]>([
    ['sets a cookie', { 'set-cookie': 'a=1', 'cache-control': 'public, max-age=60' }, 'set-cookie'],
    ['says no-store (RFC 9111 s5.2.2.5)', { 'cache-control': 'public, no-store' }, 'no-store'],
    ['says private (RFC 9111 s5.2.2.7)', { 'cache-control': 'max-age=60, Private' }, 'private'],
    ['says private of a field', { 'cache-control': 'private="x-user", max-age=60' }, 'private'],
    ['says so on a second line', { 'cache-control': ['max-age=60', 'private'] }, 'private'],
    ['varies on everything (RFC 9111 s4.1)', { vary: 'accept, *' }, 'vary'],
    ['is an event stream', { 'content-type': 'Text/Event-Stream; charset=utf-8' }, 'event-stream'],
    ['is an event stream after a blank', { 'content-type': ' text/event-stream' }, 'event-stream'],
    ['is to be validated each time (RFC 9111 s5.2.2.4)', { 'cache-control': 'no-cache, max-age=60' }, 'validate'],
    ['must be revalidated and is not fresh', { 'cache-control': 'must-revalidate, max-age=0' }, 'validate'],
    ['must be revalidated by proxies and is not', { 'cache-control': 'proxy-revalidate', expires: '0' }, 'validate'],
    ['has an s-maxage of 0 (RFC 9111 s5.2.2.10)', { 'cache-control': 's-maxage=0, max-age=60' }, 'validate'],
    ['came when it had to be revalidated', { 'cache-control': 'must-revalidate, max-age=60', age: '60' }, 'validate'],
  ])('is not shared when it %s (any status)', (_name, headers, reason) => {
    expect(judged(headers)).toEqual(refused(reason))
    expect(judged(headers, { status: 404 })).toEqual(refused(reason))
  })

  it.each<[string, Given, number]>([
    ['must be revalidated once stale', { 'cache-control': 'must-revalidate, max-age=60', age: '59' }, 1_000],
    ['must be revalidated and states no lifetime', { 'cache-control': 'must-revalidate' }, DEFAULT],
    ['is of no age to keep, and says no more than that', { 'cache-control': 'max-age=0' }, 0],
    ['varies on a header', { vary: 'accept' }, DEFAULT],
    ['is of a type that only begins like an event stream', { 'content-type': 'text/event-streams' }, DEFAULT],
    ['only names an event stream', { 'content-type': 'x/y; of=text/event-stream' }, DEFAULT],
  ])('is shared when it %s', (_name, headers, lifetime) => {
    expect(judged(headers)).toEqual(freshFor(lifetime))
  })

  it.each([
    ['public', true],
    ['s-maxage=60', true],
    ['must-revalidate', true],
    ['max-age=60', false],
    ['', false],
  ])('to a request with Authorization and Cache-Control %j is shared: %s (RFC 9111 s3.5)', (field, isShared) => {
    const verdict = judged({ 'cache-control': field }, { sharedAuthorization: true })
    expect(verdict).toEqual(isShared ? freshFor(field === 's-maxage=60' ? 60_000 : DEFAULT) : refused('authorization'))
  })

  it.each([
    [101, refused('size')],
    [100, freshFor(DEFAULT)],
    [0, freshFor(DEFAULT)],
  ])('of %i bytes is held to a limit of 100', (bodyBytes, verdict) => {
    expect(judged({}, { bodyBytes })).toEqual(verdict)
  })
})

describe('the lifetime of a response', () => {
  it.each<[string, Given, number]>([
    ['s-maxage before all', { 'cache-control': 'max-age=1, s-maxage=2', expires: HOUR_LATER }, 2_000],
    ['max-age before Expires', { 'cache-control': 'max-age=1', expires: HOUR_LATER }, 1_000],
    ['Expires less Date', { date: MINUTE_LATER, expires: HOUR_LATER }, 59 * 60_000],
    ['Expires less now, without a Date', { expires: MINUTE_LATER }, 60_000],
    ['Expires less now, where Date cannot be read', { date: 'today', expires: MINUTE_LATER }, 60_000],
    ['0 where Expires is before Date', { date: HOUR_LATER, expires: MINUTE_LATER }, 0],
    ['0 where there are two Expires (RFC 9111 s4.2.1)', { expires: [HOUR_LATER, HOUR_LATER] }, 0],
    ['0 where max-age cannot be read (RFC 9111 s4.2.1)', { 'cache-control': 'max-age=soon' }, 0],
    ['less the age it came with (RFC 9111 s4.2.3)', { 'cache-control': 'max-age=60', age: '20' }, 40_000],
    ['by Expires less the age it came with', { expires: MINUTE_LATER, age: '20' }, 40_000],
    ['by default less the age it came with', { age: '2' }, 5_000],
    ['below 0 where it is older than that', { 'cache-control': 'max-age=10', age: '20' }, -10_000],
  ])('is %s', (_name, headers, lifetime) => {
    expect(judged(headers)).toEqual(freshFor(lifetime))
  })

  it.each(['0', '-1', '', '3600', '2030', '2030-01-01', 'never', 'Tue, 01 Jan 2030 00:00:00 EST'])(
    'is 0 where Expires is %j, which is no date as HTTP writes it (RFC 9111 s5.3)',
    expires => expect(judged({ expires })).toEqual(freshFor(0)),
  )

  it('by default is asked for by status and headers', () => {
    const defaultLifetime: Circumstances['defaultLifetime'] = (status, headers) =>
      status + Number(headers.get('x-seconds')?.[0])
    expect(judged({ 'x-seconds': '1000' }, { status: 404, defaultLifetime })).toEqual(freshFor(1_404))
  })
})

describe('the age that a response came with (RFC 9111 s5.1)', () => {
  it.each<[HeaderValue, number]>([
    ['5', 5_000],
    [' 5 ', 5_000],
    ['5, 7', 5_000],
    [['5', '7'], 5_000],
    ['x, 7', 0],
    ['-5', 0],
    ['1.5', 0],
    ['', 0],
    [undefined, 0],
  ])('of %j is %i ms: the first counts, and one that is none is ignored', (age, expected) => {
    expect(ageMs(lines({ age }), NOW)).toBe(expected)
  })

  it.each<[string, string, number]>([
    ['Mon, 01 Jan 2024 00:00:00 GMT', '5', 5_000],
    ['Sun, 31 Dec 2023 23:59:50 GMT', '5', 10_000],
    ['Sun, 31 Dec 2023 23:59:50 GMT', '15', 15_000],
    [HOUR_LATER, '5', 5_000],
    ['nonsense', '5', 5_000],
  ])('with Date %s and Age %s is %i ms: whichever is more (RFC 9111 s4.2.3)', (date, age, expected) => {
    expect(ageMs(lines({ date, age }), NOW + 999)).toBe(expected)
  })

  it('is never negative and never endless, whatever stands there', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String)), age => {
        const ms = ageMs(lines({ age }), NOW)
        expect(ms >= 0 && Number.isSafeInteger(ms)).toBe(true)
      }),
    )
  })
})

describe('a verdict', () => {
  const directive = fc.constantFrom('public', 'max-age=60', 's-maxage=60', 'must-revalidate', 'immutable', 'x="a,b"')
  const status = fc.integer({ min: 100, max: 599 })
  const field = fc.array(directive, { maxLength: 4 })
  const rest = fc.dictionary(fc.constantFrom('vary', 'age', 'expires', 'content-type', 'etag'), fc.string())

  it('is never to share what sets a cookie, is private or not to be stored, whatever else stands in the head', () => {
    const secret = fc.constantFrom('no-store', 'private', 'PRIVATE', 'private="a"', undefined)
    fc.assert(
      fc.property(status, field, rest, secret, (of, directives, others, said) => {
        const all = said === undefined ? directives : [...directives, said].toReversed()
        const headers = { ...others, 'cache-control': all, ...(said === undefined ? { 'set-cookie': 'a=1' } : {}) }
        expect(judged(headers, { status: of, conditional: true }).shareable).toBe(false)
      }),
    )
  })

  it('never makes a response live longer than its max-age', () => {
    fc.assert(
      fc.property(status, rest, fc.nat({ max: 1_000 }), (of, others, seconds) => {
        const verdict = judged({ ...others, 'cache-control': `max-age=${seconds}` }, { status: of })
        expect(verdict.shareable ? verdict.lifetime : 0).toBeLessThanOrEqual(seconds * 1_000)
      }),
    )
  })
})
