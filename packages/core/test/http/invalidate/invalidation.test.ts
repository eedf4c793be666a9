import { TestClock } from '../../../../conformance/src/test-clock.ts'
import { describe, expect, it } from 'vitest'
import {
  type HttpEvent,
  HttpStampede,
  type HttpOptions,
  type Lease,
  type OriginResponse,
  ResponseHandle,
  type Decision,
} from '../../../src/http/index.ts'
import { answer, lines, type Asked, view } from '../../support/views.ts'

function setUp(options: HttpOptions = {}): { readonly http: HttpStampede; readonly events: HttpEvent[] } {
  const events: HttpEvent[] = []
  const onEvent = (event: HttpEvent): void => void events.push(event)
  return { http: new HttpStampede({ clock: new TestClock(), ttl: 5_000, onEvent, ...options }), events }
}

async function lead(http: HttpStampede, asked: Asked = {}, handle?: ResponseHandle): Promise<Lease> {
  const decision = await http.open(view(asked), undefined, handle)
  if (decision.kind !== 'lead') throw new Error(`expected a lease, got ${decision.kind}`)
  return decision.lease
}

function land(lease: Lease, given: Partial<OriginResponse> = {}, body = 'x'): void {
  lease.snapshot(answer(body, given))
  lease.fulfill()
}

/** Tells of an answer to a request that takes no part. */
function answered(http: HttpStampede, asked: Asked, status = 200, headers: Record<string, string> = {}): void {
  const decision = http.open(view(asked))
  if (decision instanceof Promise || decision.kind !== 'bypass') throw new Error('expected a bypass')
  decision.answered?.(lines(headers), status)
}

async function kinds(http: HttpStampede, targets: readonly string[]): Promise<Decision['kind'][]> {
  const found: Decision['kind'][] = []
  for (const target of targets) found.push((await http.open(view({ target }))).kind)
  return found
}

describe('an invalidation', () => {
  it('is reported, with the target and the count', async () => {
    const { http, events } = setUp({ tags: ['t'] })
    for (const target of ['/a', '/a?q', '/b', '/c']) land(await lead(http, { target }))
    events.length = 0
    void http.invalidate('/a')
    answered(http, { method: 'POST', target: '/b' })
    void http.invalidateTags('t', 't', 'u')
    void http.clear()
    expect(events.filter(({ type }) => type === 'invalidate')).toEqual([
      { type: 'invalidate', by: 'path', target: '/a', count: 2 },
      { type: 'invalidate', by: 'method', target: '/b', count: 1 },
      { type: 'invalidate', by: 'tags', target: '*', tags: ['t', 't', 'u'], count: 1 },
      { type: 'invalidate', by: 'clear', target: '*', count: 0 },
    ])
  })

  it('never confuses a tag with a path or a URI, whatever its name', async () => {
    const { http } = setUp({ tags: ['p/a', 'tt', 'rexample /a'] })
    land(await lead(http, { target: '/a' }))
    void http.invalidateTags('/a', 'example /a', 't', 'uexample /a', 't p/a')
    void http.invalidate('/p/a')
    expect(await kinds(http, ['/a'])).toEqual(['replay'])
  })

  it('does not answer later requests if the answer shows only at its end that it has the tag', async () => {
    const { http } = setUp()
    const first = await lead(http)
    const before = http.open(view())
    void http.invalidateTags('late')
    const after = http.open(view())
    void http.invalidateTags('late')
    land(first, { headers: lines({ 'stampede-cache-tag': 'late' }) })
    expect([(await before).kind, (await after).kind]).toEqual(['replay', 'lead'])
  })

  it('leaves flights with another tag alone, and flights that began after it', async () => {
    const { http, events } = setUp()
    const first = await lead(http)
    void http.invalidateTags('other')
    const second = await lead(http, { target: '/2' })
    void http.invalidate('/3')
    land(first, { headers: lines({ 'stampede-cache-tag': 'own' }) })
    land(second, { headers: lines({ 'stampede-cache-tag': 'other' }) })
    expect(await kinds(http, ['/', '/2'])).toEqual(['replay', 'replay'])
    expect(events.some(({ type }) => type === 'fence')).toBe(false)
  })

  it('fences a tag that only the final head, or the handle at its last moment, names', async () => {
    const { http } = setUp()
    const handle = new ResponseHandle()
    const [byHead, byHandle] = [await lead(http, { target: '/1' }), await lead(http, { target: '/2' }, handle)]
    void http.invalidateTags('t')
    for (const lease of [byHead, byHandle]) lease.snapshot(answer('x'))
    handle.tags = ['t']
    byHead.fulfill(lines({ 'stampede-cache-tag': 't' }))
    byHandle.fulfill()
    expect(http.stats()).toMatchObject({ entries: 0, flights: 0 })
  })

  it('fences all that is in flight where there are more than can be remembered', async () => {
    const { http } = setUp()
    const first = await lead(http)
    for (let id = 0; id <= 1_000; id += 1) void http.invalidateTags(`${id}`)
    land(first)
    expect(http.stats()).toMatchObject({ entries: 0, flights: 0 })
    land(await lead(http))
    expect(http.stats().entries).toBe(1)
  })

  it('finds no evicted, replaced or expired entry', async () => {
    const { http, events } = setUp({ maxEntries: 2, tags: ['t'] })
    for (let id = 0; id < 10; id += 1) land(await lead(http, { target: `/${id}` }))
    void http.invalidateTags('t')
    expect(events.at(-1)).toMatchObject({ type: 'invalidate', count: 2 })
    expect(http.stats()).toMatchObject({ entries: 0, bytes: 0 })
  })
})

describe('an unsafe request', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'get', 'PURGE', ''])(
    'is one of any method that is not known to be safe: %j',
    async method => {
      const { http } = setUp()
      land(await lead(http))
      answered(http, { method })
      expect(http.stats().entries).toBe(0)
    },
  )

  it.each(['OPTIONS', 'TRACE'])('is not one of %s', method => {
    expect(setUp().http.open(view({ method }))).not.toHaveProperty('answered', expect.anything())
  })

  it('is none whose method takes part, nor a GET that bypasses', () => {
    const { http } = setUp()
    const post = { ...http.policy({ match: '/none' }), methods: ['GET', 'POST'] }
    expect(http.open(view({ method: 'POST' }), post)).not.toHaveProperty('answered', expect.anything())
    expect(http.open(view({ headers: { cookie: 'a' } }))).not.toHaveProperty('answered', expect.anything())
  })

  it.each<[string, Asked, Asked]>([
    ['the case of the host', { host: 'EXAMPLE' }, {}],
    ['a default port', { host: 'example:80' }, {}],
    ['an absolute-form target (RFC 9112 s3.2.2)', { host: 'other', target: 'http://example/?q' }, { target: '/?q' }],
    ['an absolute-form target without a path', { host: 'other', target: 'http://example' }, {}],
    ['a host that stands behind the Host field', { host: 'other example' }, {}],
  ])('reaches what is stored in spite of %s', async (_name, asked, of) => {
    const { http } = setUp()
    land(await lead(http, of))
    answered(http, { ...asked, method: 'POST' })
    expect(http.stats().entries).toBe(0)
  })

  it.each<[string, Asked, string]>([
    ['a target that begins with two slashes', { target: '//evil/x' }, 'y'],
    ['a host with credentials', { host: 'a@example' }, 'http://example/y'],
    ['a host that is none', { host: 'a b/ c' }, '/y'],
    ['no host', { host: '' }, '/y'],
    ['a target that is none', { target: '*' }, 'http://[::1/y'],
  ])('never reaches another host, and never fails, for %s', async (_name, asked, location) => {
    const { http, events } = setUp()
    for (const host of ['evil', 'example']) land(await lead(http, { host, target: '/y' }))
    answered(http, { ...asked, method: 'POST' }, 201, { location, 'content-location': location })
    expect(http.stats().entries).toBe(2)
    expect(events.some(({ type }) => type === 'error')).toBe(false)
  })

  it('to a route that takes no part says nothing of itself', async () => {
    const { http } = setUp()
    land(await lead(http))
    const decision = http.bypass(view({ method: 'POST' }))
    if (decision.kind !== 'bypass') throw new Error(decision.kind)
    expect(decision.outcome.headers).toEqual([])
    decision.answered?.(new Map(), 200)
    expect(http.stats()).toMatchObject({ entries: 0, bypasses: 0 })
  })
})

describe('a shared instance', () => {
  it('has one store, one invalidation and one count, and options of its own for each of its users', async () => {
    const { http, events } = setUp({ cacheStatus: 'shared', ttl: 0 })
    const one = new HttpStampede({ instance: http, ttl: 1_000 })
    const two = new HttpStampede({ instance: one, tags: ['t'] })
    land(await lead(one, { target: '/1' }))
    land(await lead(two, { target: '/2' }))
    expect(await kinds(two, ['/1'])).toEqual(['replay'])
    expect(await kinds(http, ['/2', '/3'])).toEqual(['replay', 'lead'])
    expect(events.flatMap(event => (event.type === 'store' ? [event.ttl] : []))).toEqual([1_000, 1_000])
    void one.controls.invalidateTags('t')
    expect([http.stats(), two.stats()]).toEqual([one.stats(), expect.objectContaining({ entries: 1, hits: 2 })])
  })

  it('is entered once by a request, through whichever of its users', () => {
    const { http } = setUp()
    const request = {}
    expect([http.enter(request), new HttpStampede({ instance: http }).enter(request)]).toEqual([true, false])
  })

  it('takes beside it what a route takes, and nothing else', () => {
    const { http } = setUp()
    expect(() => new HttpStampede({ instance: http, maxEntries: 1 })).toThrow('"maxEntries" got 1')
    expect(() => new HttpStampede({ instance: http, ttl: -1 })).toThrow('"ttl" got -1')
    for (const instance of [{}, null, 1, () => http])
      expect(() => new HttpStampede({ instance: instance as HttpStampede })).toThrow('"instance" got')
  })
})
