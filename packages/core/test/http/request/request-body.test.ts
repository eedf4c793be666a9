import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../../src/http/request/parsed-body.ts'
import { bodyKey } from '../../../src/http/request/request-body.ts'
import { HttpStampede, type RequestBody } from '../../../src/http/index.ts'
import { runs } from '../../support/seeds.ts'
import { type Asked, view } from '../../support/views.ts'

const MIB = 2 ** 20
const encoder = new TextEncoder()

const keyOf = (body: RequestBody | null, headers: Asked['headers'] = {}): Promise<string | null> =>
  bodyKey({
    ...view({ method: 'POST', headers: { 'content-length': '1', ...headers } }),
    readBody: async () => body,
  })

describe('the key of a body', () => {
  it('is another one for each kind of body that is written alike', async () => {
    const bodies: readonly RequestBody[] = [
      encoder.encode('"a"'),
      { parsed: 'a' },
      { parsed: ['a'] },
      encoder.encode('a'),
    ]
    const keys = await Promise.all(bodies.map(body => keyOf(body)))
    expect(new Set([...keys, await bodyKey(view({ method: 'POST' })), await keyOf(new Uint8Array(0))]).size).toBe(6)
  })

  it('is not long, and another one for each body', async () => {
    const bodies = [64, 65, 1000].flatMap(length => ['a', 'b'].map(last => 'x'.repeat(length - 1) + last))
    const keys = [
      ...(await Promise.all(bodies.map(body => keyOf(encoder.encode(body))))),
      ...(await Promise.all(bodies.map(body => keyOf({ parsed: body })))),
    ]
    expect(new Set(keys).size).toBe(12)
    for (const key of keys) expect(key?.length).toBeLessThan(100)
  })

  it.each([
    'content-type',
    'content-encoding',
    'content-language',
    'content-location',
    'content-disposition',
    'content-range',
  ])('has %s in it', async name => {
    const body = encoder.encode('a')
    const keys = await Promise.all(['a', '', undefined].map(value => keyOf(body, { [name]: value })))
    expect(new Set(keys).size).toBe(3)
  })

  it('is none where the body is too large, cannot be read, or is no plain data', async () => {
    expect(await keyOf(new Uint8Array(MIB))).not.toBeNull()
    expect(await keyOf(new Uint8Array(MIB + 1))).toBeNull()
    expect(await keyOf({ parsed: 'x'.repeat(MIB) })).toBeNull()
    expect(await keyOf(null)).toBeNull()
    expect(await keyOf({ parsed: new Date() })).toBeNull()
    expect(await bodyKey(view({ method: 'POST', headers: { 'content-length': '1' } }))).toBeNull()
  })

  it('is none where a larger body is announced, none of which is read', async () => {
    let isRead = false
    const readBody = async (): Promise<null> => {
      isRead = true
      return null
    }
    const headers = { 'content-length': String(MIB + 1) }
    expect(await bodyKey({ ...view({ method: 'POST', headers }), readBody })).toBeNull()
    expect(isRead).toBe(false)
  })

  it('asks for the body where only the connection says that there is one', async () => {
    const asked = { ...view({ method: 'POST' }), readBody: async () => encoder.encode('a') }
    expect(await bodyKey({ ...asked, hasBody: () => true })).not.toBe(await bodyKey({ ...asked, hasBody: () => false }))
  })
})

describe('the text of a parsed body', () => {
  const json = fc.jsonValue({ maxDepth: 4 })

  it('is the same only for bodies that a handler cannot distinguish', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const areSame = canonical(one, MIB) === canonical(other, MIB)
        expect(areSame).toBe(print(one) === print(other))
      }),
      runs(1_000),
    )
  })

  const all: readonly unknown[] = [
    0,
    -0,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    '0',
    'null',
    '',
    null,
    undefined,
    true,
    'true',
    [],
    {},
    '[]',
    '{}',
    [[]],
    [null],
    [undefined],
    [[], []],
    [1, 2],
    [[1], 2],
    [[1, 2]],
    ['1,2'],
    ['1', '2'],
    { a: 1, b: 2 },
    { b: 2, a: 1 },
    { a: undefined },
    { a: null },
    { a: { b: 1 } },
    { 'a:{"b"': 1 },
    Object.create(null),
    '\ud800',
    '\udc00',
    '\\ud800',
    JSON.parse('{"__proto__":1}'),
  ]

  it('is another one for each of these', () => {
    const texts = all.map(value => canonical(value, MIB))
    expect(texts).not.toContain(null)
    expect(new Set(texts).size).toBe(all.length)
  })

  const gap: number[] = []
  gap[1] = 1
  const loop: unknown[] = []
  loop.push(loop, loop)
  let deep: unknown = 1
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep]

  it.each<[string, unknown]>([
    ['an object of a class', new URL('http://a')],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a form', new FormData()],
    ['a file', new Blob([])],
    ['a stream', new ReadableStream()],
    ['bytes within', { file: new Uint8Array(1) }],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a bigint', 1n],
    ['an array with a gap', gap],
    ['an array with a gap and a name', Object.assign(gap.slice(), { x: 1 })],
    ['an array with a name', Object.assign([1], { x: 1 })],
    ['a list of a class', new (class extends Array {})()],
    [
      'an object with a getter',
      {
        get a() {
          return 1
        },
      },
    ],
    ['an object with a symbol', { [Symbol('a')]: 1 }],
    ['an object with a hidden member', Object.defineProperty({}, 'a', { value: 1 })],
    ['what holds itself', loop],
    ['what nests deeply', deep],
    ['what is long', 'x'.repeat(MIB)],
  ])('is none for %s', (_name, value) => {
    expect(canonical(value, MIB)).toBeNull()
    expect(canonical([value], MIB)).toBeNull()
  })
})

/** What a handler can distinguish in JSON: the order of members too, and the sign of 0. */
function print(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => (Object.is(member, -0) ? { zero: -1 } : member))
}

describe('a POST that takes part', () => {
  const http = new HttpStampede({ ttl: 1_000, methods: ['POST'] })
  const post = { ...view({ method: 'POST', headers: { 'content-length': '1' } }) }

  it('runs its handler where the body cannot be read', async () => {
    const readBody = async (): Promise<null> => {
      throw new Error('reset')
    }
    const decision = await http.open({ ...post, readBody })
    expect(decision).toMatchObject({ kind: 'bypass', outcome: { detail: 'error' } })
  })

  it('waits for the body before it asks for a deadline or a flight', async () => {
    const decision = await http.open({ ...post, readBody: async () => encoder.encode('a') })
    expect(decision.kind).toBe('lead')
    expect(http.stats().flights).toBe(1)
  })
})
