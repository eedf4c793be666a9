import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type BatchContext, SingleUseError, Stampede } from '../../src/index.ts'
import { setUpFleet } from '../support/fleets.ts'
import { setUp, TTL } from '../support/set-up.ts'

class Cursor {
  async next(): Promise<IteratorResult<number>> {
    return { done: true, value: undefined }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    yield 1
  }
}

const single: [string, () => unknown, string][] = [
  ['a Response', () => new Response('{}'), 'a Response'],
  ['a Request', () => new Request('http://localhost/'), 'a Request'],
  ['the body of a Response', () => new Response('{}').body, 'a stream'],
  ['a stream of Node', () => Readable.from(['a']), 'a stream'],
  ['the iterator of an array', () => [1].values(), 'an iterator'],
  ['the iterator of a Map', () => new Map([[1, 2]]).entries(), 'an iterator'],
  [
    'a generator',
    () =>
      (function* one() {
        yield 1
      })(),
    'an iterator',
  ],
  [
    'an asynchronous generator',
    () =>
      (async function* one() {
        yield 1
      })(),
    'an asynchronous iterator',
  ],
  ['a cursor', () => new Cursor(), 'an asynchronous iterator'],
]

describe.each(single)('%s can be read once', (_, make, kind) => {
  it('and is refused in words, for every caller, and not stored', async () => {
    const { cache } = setUp({ ttl: TTL })
    const calls = [cache.get('k', make), cache.get('k', async () => make()), cache.refresh('k', make)]
    for (const call of calls) await expect(call).rejects.toThrow(SingleUseError)
    await expect(cache.get('k', make)).rejects.toThrow(
      `stampede: the value for key "k" is ${kind}, which can be read only once and so cannot be shared; ` +
        'give what was read of it, such as `await response.json()`, or an array of all its items',
    )
    await expect(cache.wrap(async () => make())()).rejects.toMatchObject({ name: 'SingleUseError' })
    expect(cache.stats()).toMatchObject({ entries: 0, flights: 0 })
    expect(await cache.get('k', () => 'value')).toBe('value')
  })

  it('and is refused by set, which changes nothing', async () => {
    const { cache } = setUp({ ttl: TTL })
    await cache.set('k', 'before')
    expect(() => cache.set('k', make())).toThrow(SingleUseError)
    expect(cache.peek('k')).toMatchObject({ value: 'before' })
  })

  it('and is missing from a batch, and from processes that share a store', async () => {
    const { gate, join } = setUpFleet()
    gate.open()
    const [a, b] = [join(), join()]
    const load = async (keys: readonly string[], _context: BatchContext<unknown>): Promise<Map<string, unknown>> =>
      new Map(keys.map(key => [key, key === 'bad' ? make() : key]))
    await expect(a.getMany(['good', 'bad'], load)).rejects.toThrow(SingleUseError)
    expect([a.peek('good'), a.peek('bad')]).toMatchObject([{ value: 'good' }, undefined])
    await expect(b.get('k', make)).rejects.toThrow(SingleUseError)
    await Promise.all([a.close(), b.close()])
  })
})

it.each<[string, unknown]>([
  ['an array', [1]],
  ['a Map', new Map([[1, 2]])],
  ['a Set', new Set([1])],
  ['bytes', new Uint8Array(2)],
  ['a Blob', new Blob(['a'])],
  ['a node of a list', { value: 1, next: { value: 2, next: null } }],
  ['a list with a method next', Object.assign([1, 2], { next: () => 'page 2' })],
  [
    'an object that can be walked anew',
    {
      *[Symbol.iterator]() {
        yield 1
      },
    },
  ],
  [
    'pages that can be walked anew',
    {
      data: [],
      async *[Symbol.asyncIterator]() {
        yield 1
      },
    },
  ],
  ['a function', () => 1],
  ['null', null],
  [
    'an object that cannot be looked at',
    {
      get bodyUsed(): boolean {
        throw new Error('closed')
      },
    },
  ],
])('%s is a value like others', async (_, value) => {
  const cache = new Stampede({ ttl: TTL })
  expect(await cache.get('k', () => value)).toBe(value)
  expect(await cache.get('k', () => 'another')).toBe(value)
})
