import { describe, expect, it } from 'vitest'
import type { SharedStore, Stampede } from '../../../src/index.ts'
import { delivered, setUpFleet } from '../../support/fleets.ts'
import { plain, setUp } from '../../support/http-fleets.ts'

type Members = Readonly<Record<string, unknown>>

const throws = (): never => {
  throw new Error('broken')
}
const gives =
  (value: unknown): (() => Promise<unknown>) =>
  async () =>
    value

const record: Members = {
  version: 'v',
  body: new Uint8Array(),
  meta: 'nonsense',
  tags: [],
  age: 0,
  ttl: 1_000,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  duration: 0,
  isFor: () => true,
}

const lease: Members = { version: 'v', commit: gives('stored'), fail() {}, pass() {}, release() {} }

const tier: Members = {
  degradedTtl: 1_000,
  read: gives(undefined),
  acquire: gives({ kind: 'local', reason: 'test' }),
  allow() {},
  set: gives(true),
  invalidate: gives(true),
  invalidateTags: gives(true),
  clear: gives(true),
  close: gives(undefined),
}

function storeOf(members: Members): SharedStore {
  return { join: () => Object.defineProperties({ ...tier }, Object.getOwnPropertyDescriptors(members)) } as never
}

/** What is no record, by what is wrong with it. */
const records: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['text', 'text'],
  ['nothing of one', {}],
  ...Object.entries({
    version: 1,
    body: 'text',
    tags: 't',
    age: Number.NaN,
    ttl: Number.NaN,
    staleWhileRevalidate: -1,
    staleIfError: Number.NaN,
    duration: '1',
    isFor: true,
  }).map(([name, value]) => [`another ${name}`, { ...record, [name]: value }] as const),
  ['a tag that is none', { ...record, tags: [1] }],
  ['an age without end', { ...record, age: Number.POSITIVE_INFINITY }],
  ['a negative age', { ...record, age: -1 }],
  [
    'a body that throws',
    {
      ...record,
      get body() {
        return throws()
      },
    },
  ],
]

/** What is no turn. */
const turns: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['text', 'lead'],
  ['another kind', { kind: 'other' }],
  ['a pass of neither each caller nor each process', { kind: 'pass' }],
  ['no lease', { kind: 'lead' }],
  ['nothing of a lease', { kind: 'lead', lease: {} }],
  ['a lease without a version', { kind: 'lead', lease: { ...lease, version: undefined } }],
  ...records.map(([what, value]) => [`a hit of ${what}`, { kind: 'hit', record: value, collapsed: true }] as const),
]

const leases: readonly (readonly [string, Members])[] = [
  ['says nothing of a commit', { commit: gives(undefined) }],
  ['throws at a commit', { commit: throws }],
  ['rejects a commit', { commit: async () => throws() }],
]

const hostile: readonly (readonly [string, Members])[] = [
  ...records.map(([what, value]) => [`reads ${what}`, { read: gives(value) }] as const),
  ...turns.map(([what, value]) => [`gives the turn ${what}`, { acquire: gives(value) }] as const),
  ...leases.map(([what, own]) => [what, { acquire: gives({ kind: 'lead', lease: { ...lease, ...own } }) }] as const),
  ...[Number.NaN, -1, '1'].map(degradedTtl => [`has the degradedTtl ${degradedTtl}`, { degradedTtl }] as const),
  [
    'throws at its degradedTtl',
    {
      get degradedTtl() {
        return throws()
      },
    },
  ],
]

describe('a store that breaks its contract', () => {
  it.each(hostile)('and %s leaves functions as they are without it', async (_what, members) => {
    const { gate, events, fetch, join } = setUpFleet({ store: storeOf(members) })
    const cache = join()
    gate.open()
    expect(await Promise.all([cache.get('k', fetch), cache.get('k', fetch)])).toEqual(['run 1', 'run 1'])
    expect(events).toContainEqual(expect.objectContaining({ type: 'error', key: expect.anything() as unknown }))
    const many = await cache.getMany(['x', 'y'], keys => new Map(keys.map(key => [key, `many ${key}`])))
    expect(Object.fromEntries(many)).toEqual({ x: 'many x', y: 'many y' })
    expect(await cache.refresh('k', fetch)).toBe('run 2')
    await delivered()
    expect(cache.stats().flights).toBe(0)
  })

  it.each(hostile)('and %s leaves responses as they are without it', async (_what, members) => {
    const { gate, events, join } = setUp(plain, { store: storeOf(members) })
    const { ask, http } = join()
    gate.open()
    expect(await Promise.all([ask(), ask()])).toEqual(['run 1 (miss)', 'run 1 (collapsed)'])
    expect(events).toContainEqual(expect.objectContaining({ type: 'error' }))
    expect(await ask({ target: '/other', headers: { range: 'bytes=0-1' } })).toMatch(/^run 2/)
    expect(http.stats().flights).toBe(0)
  })

  it.each([undefined, 'yes', 1])('and answers a change with %j has not made it', async given => {
    const change = gives(given)
    const store = storeOf({ set: change, invalidate: change, invalidateTags: change, clear: change })
    const { events, join } = setUpFleet({ store })
    const cache = join()
    const changes: readonly ((cache: Stampede) => Promise<unknown>)[] = [
      one => one.set('k', 'v'),
      one => one.delete('k'),
      one => one.invalidateTags('t'),
      one => one.clear(),
    ]
    for (const make of changes) expect(await make(cache)).toEqual({ fleet: false })
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(4)
  })

  it.each([
    ['throw', throws],
    ['reject', async () => throws()],
  ])('in that a lease settles, and close and allow, %s, is told and does no harm', async (_how, broken) => {
    const own = { ...lease, fail: broken, pass: broken, release: broken }
    const store = storeOf({ acquire: gives({ kind: 'lead', lease: own }), allow: broken, close: broken })
    const { events, join } = setUpFleet({ store })
    const cache = join()
    await expect(cache.get('fails', () => Promise.reject(new Error('own')))).rejects.toThrow('own')
    expect(await cache.get('cannot be shared', () => new Map())).toEqual(new Map())
    const flying = cache.get('fenced', async () => 'fenced')
    await Promise.resolve()
    await cache.clear()
    expect(await flying).toBe('fenced')
    await cache.close()
    expect(events.filter(({ type }) => type === 'error').length).toBeGreaterThan(3)

    const http = setUp(() => throws(), { store })
    http.gate.open()
    const { ask, http: instance } = http.join()
    await expect(ask()).rejects.toThrow('broken')
    await instance.close()
    expect(http.events.filter(({ type }) => type === 'error').length).toBeGreaterThan(1)
  })

  it.each([undefined, null, 'tier', {}, { ...tier, clear: undefined }])(
    'and joins with %j is refused at construction',
    given => {
      const { join } = setUpFleet({ store: { join: () => given } as never })
      expect(() => join()).toThrow('stampede: option "store" got ')
      expect(() => join()).toThrow('its join() gives an object with read(), acquire(), allow(), set()')
    },
  )

  it('and says for no key whose a record is leaves each its own', async () => {
    const meta = { status: 200, headers: [], origin: [], wallNow: 0, body: 'text', vary: ['x-own'], mayBeStale: false }
    const found = { ...record, meta, isFor: throws }
    const { gate, events, join } = setUp(plain, { store: storeOf({ read: gives(found) }) })
    const { ask } = join()
    gate.open()
    expect(await ask()).toBe('run 1 (miss)')
    expect(await ask({ target: '/other', headers: { range: 'bytes=0-1' } })).toMatch(/^run 2/)
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(2)
  })
})
