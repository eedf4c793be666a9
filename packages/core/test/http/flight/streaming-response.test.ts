import { TestClock } from '../../../../conformance/src/test-clock.ts'
import { describe, expect, it } from 'vitest'
import { StreamingResponse } from '../../../src/http/flight/streaming-response.ts'
import { directivesOf } from '../../../src/http/request/request-directives.ts'
import { HttpFlight } from '../../../src/http/flight/http-flight.ts'
import { resolveHttpOptions } from '../../../src/http/options/http-options.ts'
import { HttpState } from '../../../src/http/flight/http-state.ts'
import type { KeyedRequest } from '../../../src/http/request/keyed-request.ts'
import type { HttpEvent, HttpOptions, Lease, OriginResponse, RequestView, TappedBody } from '../../../src/http/index.ts'
import { DEADLINE, leaseOf, leaving, replayOf, type Setting, setting, stream, TTL } from '../../support/leases.ts'
import { settled, sharedBody, textReader } from '../../support/shared-bodies.ts'
import { answer, lines, policy, textOf, view } from '../../support/views.ts'

interface Arriving extends Setting {
  readonly lease: Lease
  readonly leader: TappedBody
  readonly source: ReturnType<typeof stream>['source']
}

/** A lease that is fulfilled with a body on its way, of which `first ` is there. */
async function arriving(
  options: HttpOptions = {},
  given: Partial<OriginResponse> = {},
  asked: RequestView = view(),
): Promise<Arriving> {
  const set = setting(options)
  const { source, body } = stream()
  const lease = await leaseOf(set.http.open(asked))
  const leader = lease.snapshot(answer(null, { ...given, body }))
  if (leader === undefined || 'kind' in leader) throw new Error('expected a tapped body')
  source.give('first ')
  await settled()
  lease.fulfill()
  return { ...set, lease, leader, source }
}

describe('a response whose body is on its way', () => {
  it('is sent at once to all requests, and stored when it is complete', async () => {
    const { http, clock, source, types, leader } = await arriving()
    const late = http.open(view())
    expect(late).not.toBeInstanceOf(Promise)
    expect(await replayOf(late)).toMatchObject({ status: 200, byteLength: undefined })
    source.give('last')
    source.end()
    expect(await textOf((await replayOf(http.open(view()))).body)).toBe('first last')
    expect(await textReader(leader).all()).toBe('first last')
    expect(await replayOf(http.open(view()))).toMatchObject({ byteLength: 10 })
    expect(types()).toEqual(['lead', 'follow', 'follow', 'store', 'hit'])
    expect([http.stats().collapsed, http.stats().flights, clock.pending]).toEqual([2, 0, 0])
  })

  it('says its length where its head declares it', async () => {
    const { http, source } = await arriving({}, { headers: lines({ 'content-length': '6' }) })
    const replay = await replayOf(http.open(view()))
    expect(replay).toMatchObject({ byteLength: 6 })
    expect(replay.headers.map(({ name }) => name)).not.toContain('content-length')
    const head = await replayOf(http.open(view({ method: 'HEAD' })))
    expect(head).toMatchObject({ body: null, byteLength: 6 })
    expect(head.headers).toContainEqual({ name: 'content-length', value: '6', append: false })
    source.end()
  })

  it('gives a HEAD its head, which keeps nothing going', async () => {
    const { http, source, leader } = await arriving({ ttl: 0 })
    const head = await replayOf(http.open(view({ method: 'HEAD' })))
    expect(head).toMatchObject({ status: 200, body: null, byteLength: undefined })
    expect(head.headers.map(({ name }) => name)).not.toContain('content-length')
    textReader(leader).leave()
    expect([source.seen.count('cancelled'), http.stats().flights]).toEqual([1, 0])
  })

  it('sends a 304 to a client that has it, which keeps nothing running', async () => {
    const { http, source, leader } = await arriving({ ttl: 0 }, { headers: lines({ etag: '"a"' }) })
    const conditional = view({ headers: { 'if-none-match': '"a"' } })
    expect(await replayOf(http.open(conditional))).toMatchObject({ status: 304, body: null })
    textReader(leader).leave()
    expect(source.seen.count('cancelled')).toBe(1)
    await leaseOf(http.open(conditional))
  })

  it('is awaited by conditional requests, and a conditional request without it leads', async () => {
    const { http } = setting()
    await leaseOf(http.open(view({ headers: { 'if-none-match': '"a"' } })))
    await leaseOf(http.open(view()))
    expect(http.open(view({ headers: { 'if-none-match': '"a"' } }))).toBeInstanceOf(Promise)
    expect(http.stats()).toMatchObject({ flights: 2, misses: 2 })
  })

  it('is fresh from its head on, and not stored where that is over at its end', async () => {
    const { http, clock, source, types } = await arriving()
    for (let passed = 0; passed < TTL; passed += 500) {
      clock.advance(500)
      source.give('x')
      await settled()
    }
    expect(http.stats().flights).toBe(1)
    source.end()
    await settled()
    expect(http.stats()).toMatchObject({ entries: 0, flights: 0 })
    expect(types()).toEqual(['lead'])
    expect(clock.pending).toBe(0)
  })

  it('reports the remaining ttl when it is stored', async () => {
    const { clock, source, events } = await arriving()
    clock.advance(400)
    source.end()
    await settled()
    expect(events.at(-1)).toEqual({ type: 'store', target: '/', ttl: TTL - 400 })
  })

  it('that pauses for the time limit accepts no more requests, and is cancelled without readers', async () => {
    const { http, clock, source, events, leader } = await arriving()
    clock.advance(DEADLINE - 1)
    source.give('x')
    await settled()
    clock.advance(DEADLINE - 1)
    expect(http.stats().flights).toBe(1)
    clock.advance(1)
    expect(http.stats().flights).toBe(0)
    expect(events.at(-1)).toEqual({ type: 'timeout', target: '/' })
    expect(clock.pending).toBe(0)
    expect(source.seen.count('cancelled')).toBe(0)
    textReader(leader).leave()
    expect(source.seen.count('cancelled')).toBe(1)
  })

  it('without readers is cancelled when it pauses for the time limit', async () => {
    const { clock, source, leader, types } = await arriving()
    textReader(leader).leave()
    clock.advance(DEADLINE - 1)
    expect(source.seen.count('cancelled')).toBe(0)
    clock.advance(1)
    expect(source.seen.count('cancelled')).toBe(1)
    expect(types()).toEqual(['lead', 'timeout'])
  })

  it('accepts no more requests after a pause, even if its timer died', async () => {
    const own = new TestClock()
    const clock = { now: () => own.now(), setTimeout: () => 0, clearTimeout: () => {} }
    const { http } = await arriving({ clock })
    own.advance(DEADLINE - 1)
    await replayOf(http.open(view()))
    own.advance(1)
    expect((await http.open(view())).kind).toBe('lead')
  })

  it('that was fenced is neither joined nor stored, and cancelled without readers', async () => {
    const { http, source, leader, types } = await arriving()
    void http.clear()
    await leaseOf(http.open(view()))
    source.give('x')
    await settled()
    textReader(leader).leave()
    expect(source.seen.count('cancelled')).toBe(1)
    expect(types()).toEqual(['lead', 'invalidate', 'lead'])
  })

  it('that was fenced and comes whole is not stored', async () => {
    const { http, source, clock } = await arriving()
    void http.clear()
    source.end()
    await settled()
    expect([http.stats().entries, clock.pending]).toEqual([0, 0])
  })
})

describe('a body on its way that is not whole in the end', () => {
  it('breaks off: an error is reported, and the key is free', async () => {
    const { http, clock, source, types, leader } = await arriving()
    const follower = textReader((await replayOf(http.open(view()))).body as TappedBody)
    textReader(leader).leave()
    source.breakOff()
    await expect(follower.all()).rejects.toThrow('source broke off')
    expect(types()).toEqual(['lead', 'follow', 'fail'])
    expect(http.stats()).toMatchObject({ errors: 1, entries: 0, flights: 0, bytes: 0 })
    expect(clock.pending).toBe(0)
    await leaseOf(http.open(view()))
  })

  it('breaks off after its leader went: that is no failure of the handler', async () => {
    const { view: asked, go } = leaving()
    const { http, source, types } = await arriving({}, {}, asked)
    const follower = textReader((await replayOf(http.open(view()))).body as TappedBody)
    go()
    source.breakOff()
    await expect(follower.all()).rejects.toThrow('source broke off')
    expect(types()).toEqual(['lead', 'follow'])
    expect(http.stats()).toMatchObject({ errors: 0, entries: 0, flights: 0 })
  })

  it('is over maxBodyBytes: it is not joined, and later requests wait for one another again', async () => {
    const { http, source, events } = await arriving({ maxBodyBytes: 6 })
    source.give('x')
    await settled()
    expect(events.at(-1)).toEqual({ type: 'decline', target: '/', reason: 'size' })
    expect(http.stats()).toMatchObject({ flights: 0, entries: 0 })
    await leaseOf(http.open(view()))
    expect(http.open(view())).toBeInstanceOf(Promise)
  })

  it('has another length than declared: later requests run alone', async () => {
    const { http, source, events } = await arriving({}, { headers: lines({ 'content-length': '7' }) })
    source.end()
    await settled()
    expect(events.at(-1)).toEqual({ type: 'decline', target: '/', reason: 'length' })
    await leaseOf(http.open(view()))
    expect(http.stats()).toMatchObject({ flights: 0, entries: 0 })
  })
})

describe('the memory of an instance', () => {
  it('counts streaming bodies beside stored responses, and evicts for them', async () => {
    const { http, source, leader } = await arriving({ maxBytes: 1_000 })
    expect(http.stats().bytes).toBe(6)
    const stored = await leaseOf(http.open(view({ target: '/other' })))
    stored.snapshot(answer('x'.repeat(400)))
    stored.fulfill()
    expect(http.stats()).toMatchObject({ entries: 1, evictions: 0 })
    source.give('x'.repeat(500))
    await settled()
    expect(http.stats()).toMatchObject({ entries: 0, evictions: 1, bytes: 506 })
    source.give('x'.repeat(500))
    await settled()
    expect(http.stats()).toMatchObject({ flights: 0 })
    source.end()
    expect((await textReader(leader).all()).length).toBe(1_006)
    expect(http.stats().bytes).toBe(0)
  })
})

describe('trouble at the end of a body', () => {
  it('is reported, and frees the key', async () => {
    const events: HttpEvent[] = []
    const clock = new TestClock()
    const state = new HttpState(resolveHttpOptions({ clock, onEvent: (event: HttpEvent) => void events.push(event) }))
    const request: KeyedRequest = {
      view: view(),
      policy: policy(),
      key: 'k',
      conditions: '',
      directives: directivesOf(view(), policy()),
      arrivedAt: 0,
    }
    const flight = new HttpFlight({ key: 'k', conditions: '', forward: 'miss' })
    state.place(request, flight)
    const error = new Error('cannot be stored')
    const onEnd = (): void => {
      throw error
    }
    const { body, source } = sharedBody()
    const ending = { lease: { request, flight }, body, declaredBytes: undefined, isStorable: true, onEnd }
    body.share(new StreamingResponse(state, ending))
    source.end()
    await settled()
    expect(events).toEqual([{ type: 'error', target: '/', error }])
    expect([state.flights.size, clock.pending]).toEqual([0, 0])
  })

  it('of the clock breaks nothing off: no more requests join', async () => {
    const own = new TestClock()
    let isBroken = false
    const now = (): number => {
      if (isBroken) throw new Error('no time')
      return own.now()
    }
    const clock = { now, setTimeout: own.setTimeout.bind(own), clearTimeout: own.clearTimeout.bind(own) }
    const { http, source, leader, types } = await arriving({ clock })
    isBroken = true
    source.give('last')
    source.end()
    expect(await textReader(leader).all()).toBe('first last')
    expect(types()).toEqual(['lead', 'error', 'fence'])
    expect(() => own.advance(DEADLINE)).not.toThrow()
    expect(http.stats()).toMatchObject({ flights: 0, entries: 0 })
  })
})
