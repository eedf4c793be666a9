import { describe, expect, it } from 'vitest'
import { HttpStampede, type RequestView, type RouteOptions } from '../../../src/http/index.ts'
import { isPlain } from '../../../src/http/request/participation.ts'
import { RecentKeys } from '../../../src/http/request/recent-keys.ts'
import { answer, type Asked, lines, policy, view } from '../../support/views.ts'

const KEYS = { key: 'key', variant: 'variant', entry: 'entry' }

describe('recent keys', () => {
  const plain = policy()

  it('are those of a GET of the same target, host and scheme under the same policy', () => {
    const recent = new RecentKeys()
    recent.remember(view(), plain, KEYS)
    expect(recent.find(view(), plain)).toMatchObject(KEYS)
    for (const other of [{ target: '/?' }, { host: 'other' }, { scheme: 'https' }, { method: 'HEAD' }])
      expect(recent.find(view(other), plain)).toBeUndefined()
    expect(recent.find(view(), policy())).toBeUndefined()
  })

  it.each<readonly [string, Asked, RouteOptions]>([
    ['a HEAD', { method: 'HEAD' }, {}],
    ['a request without a host', { host: '' }, {}],
    ['a request whose key is the app’s own', {}, { key: () => 'mine' }],
  ])('are not kept of %s', (_, asked, route) => {
    const recent = new RecentKeys()
    const own = policy(route)
    recent.remember(view(asked), own, KEYS)
    expect(recent.find(view(asked), own)).toBeUndefined()
    expect(recent.find(view({ ...asked, method: 'GET' }), own)).toBeUndefined()
  })

  it('are so many at most', () => {
    const recent = new RecentKeys()
    for (let at = 0; at <= 1000; at += 1) recent.remember(view({ target: `/${at}` }), plain, KEYS)
    expect(recent.find(view({ target: '/0' }), plain)).toBeUndefined()
    expect(recent.find(view({ target: '/1000' }), plain)).toMatchObject(KEYS)
  })
})

describe('a request that has none of the headers that the rules ask for', () => {
  /** All headers that are read until a stored response is found, by a view without mayCarry. */
  function askedBy(route: RouteOptions): ReadonlySet<string> {
    const core = new HttpStampede({ ttl: 60_000, ...route })
    const asked = new Set<string>()
    for (const _ of [1, 2]) {
      let isOpening = true
      // A leader's handler is shown lists in their normal form; that decides nothing about its key.
      const isNegotiated = (name: string): boolean => name.startsWith('accept')
      const spy: RequestView = {
        ...view(),
        header: name => void (isOpening && !isNegotiated(name) && asked.add(name)),
      }
      const decision = core.open(spy)
      isOpening = false
      if (decision instanceof Promise || decision.kind !== 'lead') continue
      decision.lease.snapshot(
        answer('text', { headers: lines({ ETag: '"1"', 'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT' }) }),
      )
      decision.lease.fulfill()
    }
    return asked
  }

  it.each<RouteOptions>([
    {},
    { vary: ['X-Mine'] },
    { credentials: 'separate' },
    { credentials: 'share' },
    { credentials: 'separate', credentialHeaders: ['X-Mine'] },
  ])('has none of them all, with %j', route => {
    const names = [...askedBy(route)]
    expect(names.length).toBeGreaterThan(5)
    const holder = policy(route)
    for (const name of names) {
      const carrying = { ...view(), mayCarry: (some: ReadonlySet<string>) => some.has(name) }
      expect([name, isPlain(carrying, holder)]).toEqual([name, false])
    }
  })
})

describe('a hit', () => {
  const plainView = (asked: Asked = {}): RequestView => {
    const { headers = {} } = asked
    return { ...view(asked), mayCarry: names => Object.keys(headers).some(name => names.has(name)) }
  }

  const store = (core: HttpStampede, asked: Asked, body: string, vary = {}): void => {
    const decision = core.open(plainView(asked))
    if (decision instanceof Promise || decision.kind !== 'lead')
      throw new Error(`no lease for ${JSON.stringify(asked)}`)
    decision.lease.snapshot(answer(body, { headers: lines(vary) }))
    decision.lease.fulfill()
  }

  const kindOf = (core: HttpStampede, asked: Asked): string => {
    const decision = core.open(plainView(asked))
    return decision instanceof Promise ? 'follow' : decision.kind
  }

  it('by keys that are known is none for another host, scheme, target, or with a header that counts', () => {
    const core = new HttpStampede({ ttl: 60_000 })
    store(core, {}, 'one')
    for (const _ of [1, 2]) expect(kindOf(core, {})).toBe('replay')
    for (const other of [{ host: 'b' }, { scheme: 'https' }, { target: '/b' }, { headers: { forwarded: 'host=b' } }])
      expect([other, kindOf(core, other)]).toEqual([other, 'lead'])
    expect(kindOf(core, { headers: { cookie: 'a=1' } })).toBe('bypass')
  })

  it('is by the variant, once it is learned that answers vary', async () => {
    const core = new HttpStampede({ ttl: 60_000 })
    store(core, {}, 'plain')
    expect(kindOf(core, {})).toBe('replay')
    await core.clear()
    store(core, { headers: { accept: 'b' } }, 'b', { Vary: 'Accept' })
    expect(kindOf(core, { headers: { accept: 'b' } })).toBe('replay')
    expect(kindOf(core, { headers: { accept: 'c' } })).toBe('lead')
    expect(kindOf(core, {})).toBe('lead')
  })
})
