import { describe, expect, it } from 'vitest'
import { TestClock } from '../../../../conformance/src/test-clock.ts'
import {
  type HttpEvent,
  HttpStampede,
  type HttpOptions,
  type RefreshRequest,
  type RequestView,
} from '../../../src/http/index.ts'
import { leaseOf } from '../../support/leases.ts'
import { answer, view } from '../../support/views.ts'

interface Sent {
  readonly asked: RefreshRequest
  readonly ticket: object
}

function setUp(options: HttpOptions = {}): {
  readonly http: HttpStampede
  readonly clock: TestClock
  readonly sent: Sent[]
  readonly events: string[]
  readonly asking: (given?: Partial<RequestView>) => RequestView
  readonly fill: (asked: RequestView, body: string) => Promise<void>
} {
  const clock = new TestClock()
  const events: string[] = []
  const sent: Sent[] = []
  const onEvent = ({ type }: HttpEvent): void => void events.push(type)
  const http = new HttpStampede({ clock, ttl: 1_000, staleWhileRevalidate: 10_000, onEvent, ...options })
  const asking = (given: Partial<RequestView> = {}): RequestView => ({
    ...view(),
    refresh: (asked, ticket) => {
      sent.push({ asked, ticket })
      return new Promise(() => {})
    },
    ...given,
  })
  const fill = async (asked: RequestView, body: string): Promise<void> => {
    const decision = await http.open(asked)
    if (decision.kind !== 'lead') throw new Error(`expected a lease, got ${decision.kind}`)
    decision.lease.snapshot(answer(body))
    decision.lease.fulfill()
  }
  return { http, clock, sent, events, asking, fill }
}

const bodyOf = async (decision: ReturnType<HttpStampede['open']>): Promise<string> => {
  const taken = await decision
  return taken.kind === 'replay' ? new TextDecoder().decode(taken.response.body as Uint8Array) : taken.kind
}

describe('a refresh of a stale response', () => {
  it('is requested once, and led by the request with its ticket', async () => {
    const { http, clock, sent, asking, fill } = setUp()
    await fill(asking(), 'first')
    clock.advance(1_000)
    expect(await bodyOf(http.open(asking()))).toBe('first')
    expect(await bodyOf(http.open(asking()))).toBe('first')
    expect(sent).toHaveLength(1)
    expect(sent[0]?.asked).toEqual({ method: 'GET', scheme: 'http', host: 'example', target: '/', headers: [] })
    await fill(asking({ ticket: sent[0]?.ticket }), 'second')
    expect(await bodyOf(http.open(asking()))).toBe('second')
    expect(http.stats()).toMatchObject({ hits: 1, staleHits: 2, misses: 2, entries: 1 })
  })

  it('is refused for a used ticket, and for a foreign one', async () => {
    const { http, clock, sent, asking, fill } = setUp()
    await fill(asking(), 'first')
    clock.advance(1_000)
    await http.open(asking())
    const { ticket } = sent[0] ?? {}
    await fill(asking({ ticket }), 'second')
    expect(await bodyOf(http.open(asking({ ticket })))).toBe('second')
    clock.advance(1_000)
    for (const forged of [{}, { stored: 1 }, Object.create(null) as object])
      expect(await bodyOf(http.open(asking({ ticket: forged })))).toBe('second')
  })

  it('is no refresh for another instance, nor of another key', async () => {
    const { http, clock, sent, asking, fill } = setUp()
    const other = setUp()
    await fill(asking(), 'first')
    await other.fill(asking(), 'of the other')
    clock.advance(1_000)
    await http.open(asking())
    const { ticket } = sent[0] ?? {}
    expect(await bodyOf(other.http.open(asking({ ticket })))).toBe('of the other')
    expect((await http.open(asking({ ticket, target: '/other' }))).kind).toBe('lead')
    await fill(asking({ ticket }), 'second')
  })

  it('that does not come through is left to the next request in front', async () => {
    const { http, clock, sent, events, asking, fill } = setUp()
    await fill(asking(), 'first')
    clock.advance(1_000)
    const lost = async (): Promise<void> => {
      throw new Error('no way')
    }
    expect(await bodyOf(http.open(asking({ refresh: lost })))).toBe('first')
    await Promise.resolve()
    expect(events).toEqual(expect.arrayContaining(['error', 'backoff']))
    expect((await http.open(asking())).kind).toBe('lead')
    expect(sent).toHaveLength(0)
    expect(await bodyOf(http.open(asking()))).toBe('first')
  })

  it('carries what the key covers, and is not made where that is a credential', async () => {
    const key = (of: RequestView): string => `${of.header('X-Tenant') ?? ''}${of.header('x-none') ?? ''}`
    const { http, clock, sent, asking, fill } = setUp({ key, vary: ['accept-language', 'Host'] })
    const headers = {
      'x-tenant': 't',
      'accept-language': 'de',
      host: 'example',
      'x-forwarded-proto': 'https',
      'x-other': '1',
    }
    const of = (given: Readonly<Record<string, string>>): RequestView =>
      asking({ header: name => given[name.toLowerCase()] })
    await fill(of(headers), 'first')
    clock.advance(1_000)
    await http.open(of(headers))
    expect(Object.fromEntries(sent[0]?.asked.headers ?? [])).toEqual({
      'x-tenant': 't',
      'accept-language': 'de',
      'x-forwarded-proto': 'https',
    })
    const byUser = setUp({ key: of2 => of2.header('authorization') ?? '', credentials: 'keyed' })
    const user = byUser.asking({ header: name => (name === 'authorization' ? 'a' : undefined) })
    await byUser.fill(user, 'of a')
    byUser.clock.advance(1_000)
    expect((await byUser.http.open(user)).kind).toBe('lead')
    expect(byUser.sent).toHaveLength(0)
  })

  it('of a removed response is an ordinary request', async () => {
    const { http, clock, sent, asking, fill } = setUp()
    await fill(asking(), 'first')
    clock.advance(1_000)
    await http.open(asking())
    void http.clear()
    const decision = await http.open(asking({ ticket: sent[0]?.ticket }))
    expect(decision).toMatchObject({ kind: 'lead', outcome: { forward: 'uri-miss' } })
  })

  it('that fails as not found changes nothing, and is left to the next request in front', async () => {
    const told: unknown[] = []
    const { http, clock, sent, asking, fill } = setUp({
      staleIfError: 10_000,
      onEvent: event => void (event.type === 'backoff' && told.push(event.reason)),
    })
    await fill(asking(), 'first')
    clock.advance(1_000)
    await http.open(asking())
    const refresh = await leaseOf(http.open(asking({ ticket: sent[0]?.ticket })))
    expect(refresh.fail(new Error('no such page'), { status: 404, headers: new Map() })).toBeUndefined()
    expect(told).toEqual(['not-found'])
    await fill(asking(), 'second')
    expect(await bodyOf(http.open(asking()))).toBe('second')
  })

  it('that finds nothing, after the response was removed, does not answer later requests', async () => {
    const { http, clock, sent, events, asking, fill } = setUp({ errorTtl: 1_000 })
    await fill(asking(), 'first')
    clock.advance(1_000)
    await http.open(asking())
    void http.clear()
    const refresh = await leaseOf(http.open(asking({ ticket: sent[0]?.ticket })))
    const waiting = http.open(asking())
    refresh.snapshot(answer('not found', { status: 404 }))
    refresh.fulfill()
    expect((await waiting).kind).toBe('lead')
    expect(events).not.toContain('backoff')
  })

  it('of another instance that finds nothing changes nothing here either', async () => {
    const { http, clock, sent, asking, fill } = setUp()
    const outer = setUp()
    for (const each of [outer, { clock, fill }]) {
      await each.fill(asking(), 'first')
      each.clock.advance(1_000)
    }
    await outer.http.open(outer.asking())
    const inFront = asking({ refresh: undefined, ticket: outer.sent[0]?.ticket })
    const lease = await leaseOf(http.open(inFront))
    lease.snapshot(answer('not found', { status: 404 }))
    lease.fulfill()
    expect((await http.open(asking())).kind).toBe('lead')
    expect(await bodyOf(http.open(asking()))).toBe('first')
    expect(sent).toHaveLength(0)
  })

  it('that never ends is tried again after the deadline', async () => {
    const { http, clock, sent, asking, fill } = setUp({ waitTimeout: 2_000 })
    await fill(asking(), 'first')
    clock.advance(1_000)
    const never = async (): Promise<void> => new Promise(() => {})
    await http.open(asking({ refresh: never }))
    clock.advance(1_999)
    await http.open(asking())
    expect(sent).toHaveLength(0)
    clock.advance(1)
    await http.open(asking())
    expect(sent).toHaveLength(1)
  })

  it('is not started by a HEAD or a Range in front: they get the stale response', async () => {
    const { http, clock, asking, fill } = setUp()
    const inFront = { refresh: undefined }
    await fill(asking(inFront), 'first')
    clock.advance(1_000)
    expect((await http.open(asking({ ...inFront, method: 'HEAD' }))).kind).toBe('replay')
    expect(
      (await http.open(asking({ ...inFront, header: name => (name === 'range' ? 'bytes=0-0' : undefined) }))).kind,
    ).toBe('replay')
    expect((await http.open(asking(inFront))).kind).toBe('lead')
  })
})
