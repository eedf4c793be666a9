import { Gate } from '../../../conformance/src/gate.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { describe, expect, it } from 'vitest'
import {
  type BodyStream,
  HttpStampede,
  type HttpOptions,
  type Lease,
  type OriginResponse,
  type Decision,
} from '../../src/http/index.ts'
import { answer, textOf, view } from '../support/views.ts'

function setUp(options: HttpOptions = {}): { readonly http: HttpStampede; readonly clock: TestClock } {
  const clock = new TestClock()
  return { http: new HttpStampede({ clock, ttl: 5_000, waitTimeout: 1_000, ...options }), clock }
}

async function leaseOf(decision: Decision | Promise<Decision>): Promise<Lease> {
  const taken = await decision
  if (taken.kind !== 'lead') throw new Error(`expected a lease, got ${taken.kind}`)
  return taken.lease
}

async function bodyOf(decision: Decision | Promise<Decision>): Promise<string> {
  const taken = await decision
  if (taken.kind !== 'replay') throw new Error(`expected a replay, got ${taken.kind}`)
  const { body } = taken.response
  return textOf(body)
}

describe('open', () => {
  it('gives one lease for a key, and a replay to all followers', async () => {
    const { http } = setUp()
    const lease = await leaseOf(http.open(view()))
    const followers = [http.open(view()), http.open(view())]
    lease.snapshot(answer('x'))
    lease.fulfill()
    expect(await Promise.all(followers.map(bodyOf))).toEqual(['x', 'x'])
    expect(await bodyOf(http.open(view()))).toBe('x')
    expect(http.stats()).toMatchObject({ hits: 1, misses: 1, collapsed: 2, flights: 0, entries: 1 })
  })

  it('hands an abandoned lease to the oldest follower, and on to the next', async () => {
    const { http } = setUp()
    const first = await leaseOf(http.open(view()))
    const [oldest, younger, youngest] = [http.open(view()), http.open(view()), http.open(view())]
    first.abandon()
    const second = await leaseOf(oldest)
    second.abandon()
    const third = await leaseOf(younger)
    third.snapshot(answer('third'))
    third.fulfill()
    expect(await bodyOf(youngest)).toBe('third')
  })

  it('passes over a follower whose client has gone', async () => {
    const { http } = setUp()
    const first = await leaseOf(http.open(view()))
    const gone = http.open(view({ isGone: true }))
    const next = http.open(view())
    first.abandon()
    const lease = await leaseOf(next)
    lease.snapshot(answer('x'))
    lease.fulfill()
    expect(await bodyOf(gone)).toBe('x')
  })

  it('never promotes a HEAD to lead GETs: it runs beside them', async () => {
    const { http } = setUp()
    const first = await leaseOf(http.open(view()))
    const head = http.open(view({ method: 'HEAD' }))
    first.abandon()
    await leaseOf(head)
    await leaseOf(http.open(view()))
    expect(http.stats()).toMatchObject({ misses: 3, flights: 2 })
  })

  it('settles a lease once, whatever is called and however often', async () => {
    const { http } = setUp()
    const lease = await leaseOf(http.open(view()))
    const follower = http.open(view())
    lease.snapshot(answer('once'))
    lease.fulfill()
    lease.fail(new Error('late'))
    lease.abandon()
    lease.decline('late')
    lease.fulfill()
    expect(await bodyOf(follower)).toBe('once')
    expect(http.stats()).toMatchObject({ entries: 1, errors: 0, misses: 1 })
  })

  it('frees the key of a lease that is never settled; what comes late answers its own and is not stored', async () => {
    const { http, clock } = setUp()
    const hung = await leaseOf(http.open(view()))
    clock.advance(999)
    const late = http.open(view())
    clock.advance(1)
    expect(http.stats().flights).toBe(0)
    const fresh = await leaseOf(http.open(view()))
    fresh.snapshot(answer('new'))
    fresh.fulfill()
    hung.snapshot(answer('old'))
    hung.fulfill()
    expect(await bodyOf(late)).toBe('old')
    expect(await bodyOf(http.open(view()))).toBe('new')
    expect(clock.pending).toBe(0)
  })

  it('frees the key also where no timer comes, as for a request that is gone on Cloudflare Workers', async () => {
    const clock = new TestClock()
    const timerless = { now: () => clock.now(), setTimeout: () => 0, clearTimeout: () => {} }
    const { http } = setUp({ clock: timerless })
    await leaseOf(http.open(view()))
    clock.advance(999)
    void http.open(view())
    expect(http.stats().misses).toBe(1)
    clock.advance(1)
    const next = await leaseOf(http.open(view()))
    // The one that is promoted may be gone as well, and never take its lease.
    void http.open(view())
    next.abandon()
    clock.advance(1_000)
    await leaseOf(http.open(view()))
  })

  it('leaves a leader its answer, and followers their own, if the lifetime cannot be computed', async () => {
    const events: string[] = []
    const ttl = (): number => {
      throw new Error('bad ttl')
    }
    const { http } = setUp({ ttl, onEvent: event => events.push(event.type) })
    const lease = await leaseOf(http.open(view()))
    const follower = http.open(view())
    expect(lease.snapshot(answer('x'))).toBeUndefined()
    lease.fulfill()
    await leaseOf(follower)
    expect(events).toEqual(['lead', 'follow', 'error', 'decline', 'lead'])
  })

  it('leaves a leader its body where that is none that can be read', async () => {
    const { http } = setUp()
    const lease = await leaseOf(http.open(view()))
    const body = { chunks: null, cancel: () => {} } as unknown as BodyStream
    expect(lease.snapshot(answer(null, { body }))).toBeUndefined()
    expect(http.stats().flights).toBe(0)
  })

  it('forgets after ten seconds that a key was not shareable', async () => {
    const { http, clock } = setUp({ waitTimeout: 60_000 })
    const first = await leaseOf(http.open(view()))
    first.decline('private')
    clock.advance(9_999)
    await leaseOf(http.open(view()))
    await leaseOf(http.open(view()))
    expect(http.stats().flights).toBe(0)
    clock.advance(1)
    await leaseOf(http.open(view()))
    expect(http.stats().flights).toBe(1)
    expect(http.open(view())).toBeInstanceOf(Promise)
  })

  it('hands out bodies that no caller can change for another', async () => {
    const { http } = setUp()
    const own = answer('safe')
    const lease = await leaseOf(http.open(view()))
    lease.snapshot(own)
    lease.fulfill()
    if (own.body instanceof Uint8Array) own.body.fill(0)
    const decision = await http.open(view())
    if (decision.kind === 'replay' && decision.response.body instanceof Uint8Array) decision.response.body.fill(0)
    expect(await bodyOf(http.open(view()))).toBe('safe')
  })

  it('keeps the store within maxBytes', async () => {
    const { http } = setUp({ maxBytes: 5_000 })
    for (let index = 0; index < 20; index += 1) {
      const lease = await leaseOf(http.open(view({ target: `/${index}` })))
      lease.snapshot(answer('x'.repeat(1_000)))
      lease.fulfill()
    }
    expect(http.stats().bytes).toBeLessThanOrEqual(5_000)
    expect(http.stats().entries).toBeGreaterThan(1)
    expect(http.stats().entries + http.stats().evictions).toBe(20)
  })

  it('contains what an asynchronous listener throws', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    const listener = async (): Promise<void> => {
      throw new Error('listener')
    }
    const { http } = setUp({ onEvent: () => listener() as unknown as void })
    await leaseOf(http.open(view()))
    await new Promise(resolve => setImmediate(resolve))
    process.off('unhandledRejection', onUnhandled)
    expect(unhandled).toEqual([])
  })

  it('contains what a listener throws', async () => {
    const { http } = setUp({
      onEvent: () => {
        throw new Error('listener')
      },
    })
    await leaseOf(http.open(view()))
    expect(http.stats().misses).toBe(1)
  })
})

describe('run', () => {
  it('forwards once and replays to the others', async () => {
    const { http } = setUp()
    const gate = new Gate()
    let runs = 0
    const forward = async (): Promise<OriginResponse> => {
      runs += 1
      await gate.passed()
      return answer('x')
    }
    const all = [http.run(view(), forward), http.run(view(), forward)]
    gate.open()
    expect((await Promise.all(all)).map(({ kind }) => kind)).toEqual(['forwarded', 'replayed'])
    expect(runs).toBe(1)
  })

  it('gives the handler’s error to all, once another request has had it too', async () => {
    const { http } = setUp()
    const forward = (): Promise<OriginResponse> => Promise.reject(new Error('down'))
    const outcomes = await Promise.allSettled([http.run(view(), forward), http.run(view(), forward)])
    expect(outcomes.map(outcome => outcome.status)).toEqual(['rejected', 'rejected'])
    expect(http.stats()).toMatchObject({ flights: 0, errors: 2 })
  })
})
