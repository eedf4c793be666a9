import { describe, expect, it } from 'vitest'
import type { BodyStream, OriginResponse, TappedBody } from '../../src/http/index.ts'
import { DEADLINE, leaseOf, leaving, replayOf, setting, stream } from '../support/leases.ts'
import { settled, textReader } from '../support/shared-bodies.ts'
import { answer, lines, textOf, view } from '../support/views.ts'

describe('followers of a streaming body', () => {
  it('have it from the head on, each its own reader, and their deadlines end there', async () => {
    const { http, clock, types } = setting()
    const lease = await leaseOf(http.open(view()))
    const followers = [http.open(view()), http.open(view())]
    const { source, body } = stream()
    lease.snapshot(answer(null, { body }))
    source.give('first ')
    await settled()
    lease.fulfill()
    const replays = await Promise.all(followers.map(replayOf))
    clock.advance(DEADLINE - 1)
    source.give('last')
    await settled()
    clock.advance(DEADLINE - 1)
    source.end()
    expect(await Promise.all(replays.map(({ body: own }) => textOf(own)))).toEqual(['first last', 'first last'])
    expect(types()).toEqual(['lead', 'follow', 'follow', 'store'])
  })

  it('ask again if it is of another variant, and find their own', async () => {
    const { http } = setting()
    const kind = (value: string): ReturnType<typeof view> => view({ headers: { 'x-kind': value } })
    const lease = await leaseOf(http.open(kind('a')))
    const [same, other] = [http.open(kind('a')), http.open(kind('b'))]
    const { body } = stream()
    lease.snapshot(answer(null, { body, headers: lines({ vary: 'x-kind' }) }))
    lease.fulfill()
    await replayOf(same)
    await leaseOf(other)
    await replayOf(http.open(kind('a')))
    expect(http.open(kind('b'))).toBeInstanceOf(Promise)
    expect(http.stats().flights).toBe(2)
  })

  it('are not joined by others where the variant has a flight of its own by now', async () => {
    const { http } = setting()
    const asked = view({ headers: { 'if-none-match': '"x"', 'x-kind': 'a' } })
    const old = await leaseOf(http.open(asked))
    const teacher = await leaseOf(http.open(view()))
    teacher.snapshot(answer('x', { headers: lines({ vary: 'x-kind' }) }))
    teacher.fulfill()
    await leaseOf(http.open(asked))
    const { source, body } = stream()
    old.snapshot(answer(null, { body, headers: lines({ vary: 'x-kind' }) }))
    old.fulfill()
    expect(http.open(asked)).toBeInstanceOf(Promise)
    source.end()
    await settled()
    expect(http.stats()).toMatchObject({ entries: 1, flights: 1 })
  })

  it('run alone if the rest of the settlement fails, and the leader continues', async () => {
    const { http, types } = setting()
    const asked = view()
    const header = (name: string): string | undefined => {
      if (name === 'origin') throw new Error('no headers')
      return asked.header(name)
    }
    const lease = await leaseOf(http.open({ ...asked, header }))
    const follower = http.open(view())
    const { source, body } = stream()
    const leader = lease.snapshot(answer(null, { body })) as TappedBody
    source.give('x')
    await settled()
    lease.fulfill()
    await leaseOf(follower)
    expect(types()).toEqual(['lead', 'follow', 'error', 'decline', 'lead'])
    textReader(leader).leave()
    expect(source.seen.count('cancelled')).toBe(1)
  })
})

describe('a body that ends before its head is final', () => {
  it('is whole: followers get bytes', async () => {
    const { http, types } = setting()
    const lease = await leaseOf(http.open(view()))
    const follower = http.open(view())
    const { source, body } = stream()
    const leader = lease.snapshot(answer(null, { body })) as TappedBody
    source.give('x')
    source.end()
    expect(await textReader(leader).all()).toBe('x')
    expect(http.stats().bytes).toBe(1)
    lease.fulfill()
    expect(await replayOf(follower)).toMatchObject({ body: new Uint8Array([120]), byteLength: 1 })
    expect(types()).toEqual(['lead', 'follow', 'store'])
  })

  it.each([
    ['not as long as it says', { headers: lines({ 'content-length': '2' }) }, 10, 'length'],
    ['over maxBodyBytes', {}, 0, 'size'],
  ])('is %s: followers run alone', async (_, given, maxBodyBytes, reason) => {
    const { http, events } = setting({ maxBodyBytes })
    const lease = await leaseOf(http.open(view()))
    const follower = http.open(view())
    const { source, body } = stream()
    const leader = lease.snapshot(answer(null, { ...given, body })) as TappedBody
    source.give('x')
    source.end()
    await textReader(leader).all()
    lease.fulfill()
    await leaseOf(follower)
    expect(events).toContainEqual({ type: 'decline', target: '/', reason })
    expect(http.stats()).toMatchObject({ bytes: 0, entries: 0 })
  })

  it('breaks off: followers get the error', async () => {
    const { http, types } = setting()
    const lease = await leaseOf(http.open(view()))
    const follower = http.open(view())
    const { source, body } = stream()
    lease.snapshot(answer(null, { body }))
    source.breakOff()
    await settled()
    lease.fulfill()
    await expect(follower).rejects.toThrow('source broke off')
    expect(types()).toEqual(['lead', 'follow', 'fail'])
  })

  it('breaks off after its leader went: the oldest follower leads', async () => {
    const { http, types } = setting()
    const { view: asked, go } = leaving()
    const lease = await leaseOf(http.open(asked))
    const follower = http.open(view())
    const { source, body } = stream()
    lease.snapshot(answer(null, { body }))
    go()
    source.breakOff()
    await settled()
    lease.fulfill()
    await leaseOf(follower)
    expect(types()).toEqual(['lead', 'follow', 'promote', 'lead'])
  })
})

describe('a body whose head does not come', () => {
  it('is the leader’s alone after the time limit without followers', async () => {
    const { http, clock } = setting()
    const lease = await leaseOf(http.open(view()))
    const { source, body } = stream()
    const leader = textReader(lease.tap(body))
    leader.leave()
    clock.advance(DEADLINE - 1)
    expect(source.seen.count('cancelled')).toBe(0)
    clock.advance(1)
    expect(source.seen.count('cancelled')).toBe(1)
  })

  it('is kept for followers until their time limits', async () => {
    const { http, clock } = setting()
    const lease = await leaseOf(http.open(view()))
    clock.advance(500)
    const followers = [http.open(view())]
    clock.advance(100)
    followers.push(http.open(view()))
    const { source, body } = stream()
    textReader(lease.tap(body)).leave()
    clock.advance(DEADLINE - 100)
    await leaseOf(followers[0] as ReturnType<typeof http.open>)
    expect(source.seen.count('cancelled')).toBe(0)
    clock.advance(100)
    await leaseOf(followers[1] as ReturnType<typeof http.open>)
    expect(source.seen.count('cancelled')).toBe(1)
  })

  it('answers followers that still wait when it is late, and is neither joined nor stored', async () => {
    const { http, clock } = setting()
    const lease = await leaseOf(http.open(view()))
    clock.advance(1)
    const follower = http.open(view())
    clock.advance(DEADLINE - 1)
    const { source, body } = stream()
    lease.snapshot(answer(null, { body }))
    lease.fulfill()
    const { body: own } = await replayOf(follower)
    await leaseOf(http.open(view()))
    source.give('x')
    source.end()
    expect(await textOf(own)).toBe('x')
    expect(http.stats()).toMatchObject({ entries: 0, flights: 1 })
  })
})

describe('a lease', () => {
  it('that was settled taps for the leader alone, and so does one of a request that runs alone', async () => {
    const { http } = setting()
    const lease = await leaseOf(http.open(view()))
    lease.decline('private')
    const alone = await leaseOf(http.open(view()))
    for (const settledLease of [lease, alone]) {
      const { source, body } = stream()
      textReader(settledLease.tap(body)).leave()
      expect(source.seen.count('cancelled')).toBe(1)
    }
    expect(alone.snapshot(answer(null, { body: stream().body }))).toBeUndefined()
  })

  it('drops what it has tapped beside the body, and all of it where it is declined', async () => {
    const { http } = setting()
    const lease = await leaseOf(http.open(view()))
    const [one, other] = [stream(), stream()]
    const taps = [lease.tap(one.body), lease.tap(other.body)]
    const [kept, dropped] = taps as [TappedBody, TappedBody]
    lease.snapshot(answer(null, { body: kept }))
    lease.fulfill()
    for (const tap of [kept, dropped]) textReader(tap).leave()
    expect([one, other].map(({ source }) => source.seen.count('cancelled'))).toEqual([0, 1])
  })

  it('says no before it is fulfilled where it says nothing of a body', async () => {
    const { http, events } = setting()
    const lease = await leaseOf(http.open(view()))
    lease.fulfill()
    expect(events.at(-1)).toEqual({ type: 'decline', target: '/', reason: 'unseen' })
  })

  it('shares no error with others where its leader has gone, nor one that speaks to one client', async () => {
    const { http, types } = setting()
    const { view: asked, go } = leaving()
    const first = await leaseOf(http.open(asked))
    const follower = http.open(view())
    go()
    first.fail(new Error('client went'))
    const second = await leaseOf(follower)
    const waiting = http.open(view())
    second.fail(new Error('who are you'), { status: 401, headers: lines({}) })
    await leaseOf(waiting)
    expect(types()).toEqual(['lead', 'follow', 'promote', 'lead', 'follow', 'decline', 'promote', 'lead'])
  })

  it('shares no answer of 400 or more where its leader has gone', async () => {
    const { http } = setting()
    for (const [status, expected] of [
      [400, 'lead'],
      [399, 'replay'],
    ] as const) {
      const { view: asked, go } = leaving({ target: `/${status}` })
      const lease = await leaseOf(http.open(asked))
      const follower = http.open(view({ target: `/${status}` }))
      go()
      lease.snapshot(answer('x', { status: status === 399 ? 200 : status }))
      lease.fulfill()
      expect((await follower).kind).toBe(expected)
    }
  })

  it('that was settled takes no body', async () => {
    const { http } = setting()
    const lease = await leaseOf(http.open(view()))
    lease.decline('private')
    expect(lease.snapshot(answer(null, { body: stream().body }))).toBeUndefined()
  })

  it.each<[string, Partial<OriginResponse>, string | undefined]>([
    ['bytes', { body: new Uint8Array(4) }, undefined],
    ['text', { body: 'abcd' }, undefined],
    ['more bytes', { body: new Uint8Array(5) }, 'size'],
    ['more text', { body: 'abcdé' }, 'size'],
    ['a stream that says more', { body: stream().body, headers: lines({ 'content-length': '5' }) }, 'size'],
    ['a stream that says no more', { body: stream().body, headers: lines({ 'content-length': '4' }) }, undefined],
    ['no body, of more', { body: null, headers: lines({ 'content-length': '5' }) }, 'size'],
    ['bytes of another length than declared', { body: 'abcd', headers: lines({ 'content-length': '3' }) }, 'length'],
    ['no body, of a length', { body: null, headers: lines({ 'content-length': '3' }) }, undefined],
    ['a length that is none', { body: 'abcd', headers: lines({ 'content-length': 'x' }) }, undefined],
    ['what is no body', { body: {} as BodyStream }, 'error'],
    ['what cannot be read', { body: { chunks: null, cancel: () => {} } as unknown as BodyStream }, 'error'],
  ])('of at most four bytes, with %s: %#', async (_, given, expected) => {
    const { http, events } = setting({ maxBodyBytes: 4 })
    const lease = await leaseOf(http.open(view()))
    lease.snapshot(answer(null, given))
    lease.fulfill()
    const decline = events.find(({ type }) => type === 'decline')
    expect(decline).toEqual(expected === undefined ? undefined : { type: 'decline', target: '/', reason: expected })
  })

  it('that cannot be judged is declined, and the error is reported', async () => {
    const error = new Error('no ttl')
    const ttl = (): number => {
      throw error
    }
    const { http, events } = setting({ ttl })
    const lease = await leaseOf(http.open(view()))
    lease.fail(new Error('down'))
    expect(events.slice(1)).toEqual([{ type: 'fail', target: '/', error: new Error('down') }])
    const second = await leaseOf(http.open(view()))
    second.snapshot(answer('x'))
    expect(events.slice(3)).toEqual([
      { type: 'error', target: '/', error },
      { type: 'decline', target: '/', reason: 'error' },
    ])
  })
})
