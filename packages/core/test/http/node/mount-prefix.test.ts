import { describe, expect, it } from 'vitest'
import { HttpStampede, messageView, type RequestView, routeScope } from '../../../src/http/index.ts'
import { exactly, placeOf } from '../../../src/http/node/mount-prefix.ts'
import { answer, policy, view } from '../../support/views.ts'

const ROUTED = '/phone/p'

/** Answers a request, and says whether it led. */
function ask(core: HttpStampede, request: RequestView, asked = core.policy(undefined)): string {
  const decision = core.open(request, asked)
  if (decision instanceof Promise) return 'waits'
  if (decision.kind !== 'lead') return decision.kind
  decision.lease.snapshot(answer('text'))
  decision.lease.fulfill()
  return 'lead'
}

describe('what a handler was chosen by', () => {
  it.each([
    ['none', {}],
    ['key', { key: () => 'one' }],
    ['query', { query: [] }],
  ])('is part of every key, with the option %s, also where keys are remembered', (_, options) => {
    const core = new HttpStampede({ ttl: 60_000, ...options })
    const own = core.policy(undefined)
    const desk = { ...view({ target: '/p' }), mayCarry: () => false }
    for (const request of [desk, { ...desk, routed: ROUTED }, { ...desk, routed: '/tablet/p' }])
      expect([1, 2, 3].map(() => ask(core, request, own))).toEqual(['lead', 'replay', 'replay'])
    expect(ask(core, desk, own)).toBe('replay')
    expect(ask(core, { ...desk, routed: ROUTED }, own)).toBe('replay')
  })

  it('differs from the headers and the body that follow it in a key', () => {
    const core = new HttpStampede({ ttl: 60_000 })
    expect(ask(core, view({ target: '/p', headers: { 'x-forwarded-proto': ROUTED } }))).toBe('lead')
    expect(ask(core, { ...view({ target: '/p' }), routed: ROUTED })).toBe('lead')
  })

  it('has its query judged as that of the target is, and counts whole where it is no URL', () => {
    const core = new HttpStampede({ ttl: 60_000, query: ['id'] })
    const at = (routed: string): RequestView => ({ ...view({ target: '/p' }), routed })
    expect(['/m?id=1', '/m?id=1&utm=x', '/m?id=2'].map(routed => ask(core, at(routed)))).toEqual([
      'lead',
      'replay',
      'lead',
    ])
    // The query of the target itself is no matter twice: with a key of the app's own it is no matter at all.
    const keyed = new HttpStampede({ ttl: 60_000, key: () => 'one' })
    const sent = (target: string, routed: string): RequestView => ({ ...view({ target }), routed })
    expect(ask(keyed, sent('/p?a', '/m?a'))).toBe('lead')
    expect(ask(keyed, sent('/p?b', '/m?b'))).toBe('replay')
    expect(ask(keyed, sent('/p?b', '/m'))).toBe('lead')
    expect(['/m?utm=1', '/m?utm=2'].map(routed => ask(core, at(exactly(routed))))).toEqual(['lead', 'lead'])
  })

  it('finds stored responses, for the app and for unsafe methods', async () => {
    const core = new HttpStampede({ ttl: 60_000 })
    const phone = { ...view({ target: '/p' }), routed: ROUTED }
    for (const drop of [
      async () => core.invalidate(ROUTED),
      async () => core.invalidate('/p'),
      async () => change(core, view({ method: 'POST', target: ROUTED })),
      async () => change(core, { ...view({ method: 'POST', target: '/other' }), routed: ROUTED }),
    ]) {
      ask(core, phone)
      expect(ask(core, phone)).toBe('replay')
      await drop()
      expect(core.stats().entries).toBe(0)
    }
  })

  it.each([
    ['a routed request', { routed: ROUTED }, undefined],
    ['a constrained route', {}, routeScope('/p', { version: '1.0.0' })],
  ])('is no matter for a request of Stampede’s own: who finds an answer stale leads, of %s', (_, shown, scope) => {
    let now = 0
    let sent = 0
    const clock = { now: () => now, setTimeout: () => 0, clearTimeout: () => {} }
    const core = new HttpStampede({ ttl: 10, staleWhileRevalidate: 1000, clock })
    const own = core.policy(undefined, '', scope)
    const request = { ...view({ target: '/p' }), ...shown, refresh: async () => void (sent += 1) }
    expect(ask(core, request, own)).toBe('lead')
    now = 20
    expect([ask(core, request, own), sent]).toEqual(['lead', 0])
    expect(ask(core, { ...view({ target: '/q' }), refresh: request.refresh })).toBe('lead')
    now = 40
    expect(ask(core, { ...view({ target: '/q' }), refresh: request.refresh })).toBe('replay')
    expect(sent).toBe(1)
  })
})

async function change(core: HttpStampede, request: RequestView): Promise<void> {
  const decision = await core.open(request)
  if (decision.kind === 'bypass') decision.answered?.(new Map(), 200)
}

describe('the place of a request of Node’s kind', () => {
  it.each([
    ['as sent', { own: '/p', url: '/p' }, '/p', undefined],
    ['rewritten', { own: '/p', url: '/m/p' }, '/p', '/m/p'],
    ['below Express', { own: '/p', url: '/p', originalUrl: '/v1/p', baseUrl: '/v1' }, '/v1/p', undefined],
    ['at its root', { own: '/?a', url: '/?a', originalUrl: '/v1?a', baseUrl: '/v1' }, '/v1?a', undefined],
    ['which rewrote it', { own: '/p', url: '/p', originalUrl: '/p', baseUrl: '/v1' }, '/p', '/v1/p'],
    ['with a mount of its own', { own: '/a/p', url: '/p', mountPath: '/a' }, '/a/p', undefined],
    [
      'a mount below Express',
      { own: '/a/p', url: '/p', mountPath: '/a', originalUrl: '/v1/a/p', baseUrl: '/v1' },
      '/v1/a/p',
      undefined,
    ],
    ['rewritten, then mounted', { own: '/p', url: '/p', mountPath: '/m' }, '/p', '/m/p'],
    ['below Connect', { own: '/p', url: '/p', originalUrl: '/v1/p' }, '/v1/p', '/p'],
    ['rewritten below Connect', { own: '/p', url: '/m/p', originalUrl: '/v1/p' }, '/v1/p', '/m/p#/p#4'],
    ['an end that only looks stripped', { own: '/v1/p', url: '/p' }, '/v1/p', '/p'],
  ])('%s', (_, places, target, routed) => {
    expect(placeOf(places)).toEqual({ target, routed })
  })

  it('is shown by its view', () => {
    const message = { headers: {}, socket: {}, originalUrl: '/v1/p', baseUrl: '/v1' }
    expect(messageView({ method: 'GET', target: '/p' }, message, {})).toMatchObject({ target: '/v1/p' })
    const rewritten = messageView({ method: 'GET', target: '/p', url: '/m/p' }, { headers: {}, socket: {} }, {})
    expect(rewritten).toMatchObject({ target: '/p', routed: '/m/p' })
  })
})

describe('the scope of a route', () => {
  it('distinguishes all constraints, and stays in this process if no text does', () => {
    const values = [
      '1',
      1,
      true,
      null,
      /1/,
      Symbol('1'),
      Symbol('1'),
      Symbol.for('1'),
      {},
      {},
      [1],
      () => 1,
      new Date(0),
    ]
    const scopes = values.map(plan => routeScope('/p', { plan }))
    expect(new Set(scopes.map(({ text }) => text)).size).toBe(values.length)
    expect(scopes.map(({ isLocal }) => isLocal)).toEqual(values.map((_, index) => index > 3))
    expect(routeScope('/p', { plan: values[5] }).text).toBe(scopes[5]?.text)
    expect(routeScope('/p', { host: /a/ })).toMatchObject({ isLocal: false, isConstrained: true })
    expect(routeScope('/p', { host: /a/ }).text).not.toBe(routeScope('/p', { host: '/a/' }).text)
    expect(routeScope('/p')).toMatchObject({ isLocal: false, isConstrained: false })
    expect(policy(undefined, 'text').scope).toBe('text')
  })
})
