import { describe, expect, it } from 'vitest'
import { type HttpOptions, ResponseHandle, type TappedBody } from '../../src/http/index.ts'
import { leaseOf, replayOf, type Setting, setting, stream } from '../support/leases.ts'
import { settled, textReader } from '../support/shared-bodies.ts'
import { answer, lines, textOf, view } from '../support/views.ts'

interface Arriving extends Setting {
  readonly source: ReturnType<typeof stream>['source']
  readonly leader: TappedBody
}

interface Given {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly ttlByHandle?: number
}

/** A response whose head is there and whose body is on its way; `waitTimeout` is out of the way. */
async function arriving(options: HttpOptions, { status = 200, headers = {}, ttlByHandle }: Given): Promise<Arriving> {
  const set = setting({ waitTimeout: 3_600_000, ttl: 0, ...options })
  const { source, body } = stream()
  const handle = new ResponseHandle()
  handle.ttl = ttlByHandle
  const lease = await leaseOf(set.http.open(view(), set.http.policy({}, '', ''), handle))
  const leader = lease.snapshot(answer(null, { status, headers: lines(headers), body }))
  if (leader === undefined || 'kind' in leader) throw new Error('expected a tapped body')
  lease.fulfill()
  return { ...set, source, leader }
}

const turnKind = async ({ http }: Setting, headers: Record<string, string> = {}, method = 'GET'): Promise<string> =>
  (await http.open(view({ headers, method }))).kind

describe('a body on its way is joined', () => {
  it.each<[string, HttpOptions, Given, number]>([
    ['max-age', {}, { headers: { 'cache-control': 'max-age=2' } }, 2_000],
    ['s-maxage', {}, { headers: { 'cache-control': 'max-age=60, s-maxage=2' } }, 2_000],
    [
      'a targeted field',
      {},
      { headers: { 'cache-control': 'max-age=60', 'stampede-cache-control': 'max-age=2' } },
      2_000,
    ],
    ['max-age less Age', {}, { headers: { 'cache-control': 'max-age=10', age: '8' } }, 2_000],
    ['the option ttl', { ttl: 2_000 }, {}, 2_000],
    ['the option ttl less Age', { ttl: 10_000 }, { headers: { age: '8' } }, 2_000],
    ['the option errorTtl', { errorTtl: 2_000, ttl: 60_000 }, { status: 503 }, 2_000],
    ['the handler’s own ttl', { ttl: 60_000 }, { ttlByHandle: 2_000 }, 2_000],
    ['max-age that must be revalidated', {}, { headers: { 'cache-control': 'max-age=2, must-revalidate' } }, 2_000],
    ['the window to revalidate', {}, { headers: { 'cache-control': 'max-age=1, stale-while-revalidate=1' } }, 2_000],
    ['the window of the option', { ttl: 1_000, staleWhileRevalidate: 1_000 }, {}, 2_000],
    ['a window after max-age=0', {}, { headers: { 'cache-control': 'max-age=0, stale-while-revalidate=2' } }, 2_000],
  ])('until the end of %s, and by nobody after it', async (_, options, given, until) => {
    const set = await arriving(options, given)
    set.clock.advance(until - 1)
    expect(await turnKind(set)).toBe('replay')
    set.clock.advance(1)
    expect(await turnKind(set)).toBe('lead')
  })

  it.each<[string, HttpOptions, Given]>([
    ['max-age=0', {}, { headers: { 'cache-control': 'max-age=0' } }],
    ['max-age=0 over a ttl', { ttl: 60_000 }, { headers: { 'cache-control': 'max-age=0' } }],
    ['Expires: 0', {}, { headers: { expires: '0' } }],
    ['a max-age of which all is over', {}, { headers: { 'cache-control': 'max-age=5', age: '5' } }],
    ['a ttl of which all is over', { ttl: 5_000 }, { headers: { age: '9' } }],
    ['a window for failures only', {}, { headers: { 'cache-control': 'max-age=0, stale-if-error=60' } }],
  ])('by nobody once its head says %s', async (_, options, given) => {
    const set = await arriving(options, given)
    expect(await turnKind(set)).toBe('lead')
  })

  it.each<[string, Given]>([
    ['no lifetime', {}],
    ['none of its own, whatever its Age', { headers: { age: '100' } }],
    ['that it is for those who wait, by its handle', { headers: { 'cache-control': 'max-age=1' }, ttlByHandle: 0 }],
    ['none, being temporary', { status: 302, headers: { location: '/' } }],
    ['only what is no lifetime', { headers: { 'cache-control': 'public, stale-while-revalidate=1' } }],
  ])('for as long as it arrives where it states %s', async (_, given) => {
    const set = await arriving({}, given)
    set.clock.advance(3_599_000)
    expect(await turnKind(set)).toBe('replay')
  })
})

describe('a body on its way that is joined no more', () => {
  const OVER = { headers: { 'cache-control': 'max-age=1', etag: '"a"' } }

  it('continues for its readers, and is not stored once there is a newer one', async () => {
    const set = await arriving({}, OVER)
    const follower = await replayOf(set.http.open(view()))
    set.clock.advance(1_000)
    const newer = await leaseOf(set.http.open(view()))
    const waits = set.http.open(view())
    newer.snapshot(answer('newer', { headers: lines({ 'cache-control': 'max-age=60' }) }))
    newer.fulfill()
    expect(await textOf((await replayOf(waits)).body)).toBe('newer')
    set.source.give('older')
    set.source.end()
    expect([await textOf(follower.body), await textReader(set.leader).all()]).toEqual(['older', 'older'])
    expect(await textOf((await replayOf(set.http.open(view()))).body)).toBe('newer')
    expect(set.http.stats()).toMatchObject({ entries: 1, flights: 0, hits: 1, collapsed: 2, misses: 2 })
  })

  it('is still stored for revalidation if no request asked again', async () => {
    const set = await arriving({}, OVER)
    set.clock.advance(1_000)
    set.source.end()
    await settled()
    const lease = await leaseOf(set.http.open(view()))
    expect(lease.handlerHeaders.get('if-none-match')).toBe('"a"')
  })

  it('is not joined with conditions, nor by a HEAD, which leaves it on its key', async () => {
    const set = await arriving({}, OVER)
    set.clock.advance(1_000)
    expect(await turnKind(set, {}, 'HEAD')).toBe('lead')
    expect(set.http.stats().flights).toBe(2)
    expect(await turnKind(set, { 'if-none-match': '"a"' })).toBe('lead')
  })
})

describe('what a client asks for, where it is honored,', () => {
  const HONOR: HttpOptions = { clientDirectives: 'honor' }
  const says = (value: string): Record<string, string> => ({ 'cache-control': value })

  it.each(['no-cache', 'max-age=0', 'max-age=1', 'min-fresh=9'])('counts for a body on its way: %s', async value => {
    const set = await arriving({ ...HONOR, ttl: 10_000 }, {})
    set.clock.advance(2_000)
    expect(await turnKind(set, says(value))).toBe('lead')
  })

  it.each(['max-age=2', 'min-fresh=7', 'unknown'])('is content with one that is on its way: %s', async value => {
    const set = await arriving({ ...HONOR, ttl: 10_000 }, {})
    set.clock.advance(2_000)
    expect(await turnKind(set, says(value))).toBe('replay')
  })

  it('may be one whose freshness is over', async () => {
    const set = await arriving(HONOR, { headers: { 'cache-control': 'max-age=1' } })
    set.clock.advance(2_000)
    expect(await turnKind(set, says('max-stale=2'))).toBe('replay')
    expect(await turnKind(set, says('max-stale=1'))).toBe('lead')
  })
})
