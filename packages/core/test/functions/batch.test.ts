import { describe, expect, it } from 'vitest'
import { Gate } from '../../../conformance/src/gate.ts'
import { type BatchContext, type FetchMany, type StampedeEvent, TimeoutError } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

const hangs: FetchMany<never> = () => new Promise(() => {})
const echo = (keys: readonly string[]): Map<string, string> => new Map(keys.map(key => [key, `${key}!`]))

describe('the signal of a batch', () => {
  it('aborts when all keys have timed out, and not before', async () => {
    const { cache, clock } = setUp({ timeout: 100 })
    let seen: AbortSignal | undefined
    const many = cache.getMany(['a', 'b'], (_keys, { signal }) => {
      seen = signal
      return new Promise(() => {})
    })
    clock.advance(99)
    expect(seen?.aborted).toBe(false)
    clock.advance(1)
    await expect(many).rejects.toBeInstanceOf(TimeoutError)
    expect(seen?.reason).toBeInstanceOf(TimeoutError)
  })

  it('is one and the same, however often it is read', async () => {
    const { cache } = setUp()
    const seen: AbortSignal[] = []
    await cache.getMany(['a', 'b'], (keys, context) => {
      seen.push(context.signal, context.signal)
      return echo(keys)
    })
    expect(seen[0]).toBe(seen[1])
    expect(seen[0]?.aborted).toBe(false)
  })

  it('that is first read when some keys are abandoned aborts with the last of the others', async () => {
    const { cache } = setUp()
    const [batch, single] = [new AbortController(), new AbortController()]
    let context: BatchContext<unknown> | undefined
    const load: FetchMany<unknown> = (_keys, own) => {
      context = own
      return new Promise(() => {})
    }
    const many = cache.getMany(['a', 'b', 'c'], load, { signal: batch.signal })
    const one = cache.get('b', fails('unused'), { signal: single.signal })
    batch.abort('left')
    await expect(many).rejects.toBe('left')
    expect([cache.stats().flights, context?.signal.aborted]).toEqual([1, false])
    single.abort('left too')
    await expect(one).rejects.toBe('left too')
    expect([cache.stats().flights, context?.signal.reason]).toEqual([0, 'left too'])
  })

  it('that is first read when all keys are abandoned is aborted from the start', async () => {
    const { cache } = setUp()
    const controller = new AbortController()
    let context: BatchContext<unknown> | undefined
    const load: FetchMany<unknown> = (_keys, own) => {
      context = own
      return new Promise(() => {})
    }
    const many = cache.getMany(['a', 'b'], load, { signal: controller.signal })
    controller.abort('left')
    await expect(many).rejects.toBe('left')
    expect(context?.signal.reason).toBe('left')
  })
})

describe('a batch', () => {
  it('reports and counts each key', async () => {
    const events: StampedeEvent[] = []
    const options = { ttl: TTL, staleWhileRevalidate: TTL, onEvent: (event: StampedeEvent) => events.push(event) }
    const { cache, clock, gate, fetch } = setUp(options)
    await cache.set('stale', 'old')
    clock.advance(TTL)
    await cache.set('fresh', 'new')
    const single = cache.get('flying', fetch)
    events.length = 0
    const many = cache.getMany(['fresh', 'stale', 'flying', 'missing'], echo)
    gate.open()
    await Promise.all([many, single])
    expect(events.map(event => ('key' in event ? `${event.type} ${event.key}` : event.type))).toEqual([
      'hit fresh',
      'hit stale',
      'refresh stale',
      'collapse flying',
      'miss missing',
      'store missing',
      'store stale',
      'store flying',
    ])
    expect(cache.stats()).toMatchObject({ hits: 1, staleHits: 1, collapsed: 1, misses: 2, fetches: 3, errors: 0 })
  })

  it('gives a stale value for each key whose fetch fails, within staleIfError', async () => {
    const { cache, clock } = setUp({ ttl: TTL, staleIfError: TTL })
    for (const key of ['a', 'b']) await cache.set(key, `old ${key}`)
    clock.advance(TTL)
    const many = await cache.getMany(['a', 'b'], () => Promise.reject(new Error('down')))
    expect([...many.values()]).toEqual(['old a', 'old b'])
    expect(cache.stats()).toMatchObject({ errors: 2, fallbacks: 2, flights: 0 })
  })

  it('shows no cached error as the replaced value', async () => {
    const { cache, clock } = setUp({ ttl: TTL, errorTtl: TTL, staleIfError: TTL })
    await expect(cache.get('failed', fails('down'))).rejects.toBe('down')
    await cache.set('stale', 'old')
    clock.advance(TTL)
    let seen: unknown
    await cache.getMany(['failed', 'stale', 'new'], (keys, context) => {
      seen = [...context.stale]
      return echo(keys)
    })
    expect(seen).toEqual([['stale', 'old']])
  })

  it('rejects with the cached error of one of its keys, and stores the others', async () => {
    const { cache } = setUp({ ttl: TTL, errorTtl: TTL })
    await expect(cache.get('failed', fails('down'))).rejects.toBe('down')
    await expect(cache.getMany(['failed', 'a'], echo)).rejects.toBe('down')
    expect(cache.peek('a')).toMatchObject({ value: 'a!' })
  })

  it.each([
    ['a Map', (): ReadonlyMap<string, string> => new Map([['a', 'late']])],
    [
      'a failure',
      (): never => {
        throw new Error('late')
      },
    ],
  ])('that yields %s after its time is told of as late, key by key, and counts as nothing more', async (_, end) => {
    const events: string[] = []
    const { cache, clock, gate } = setUp({ timeout: 100, onEvent: ({ type }) => events.push(type) })
    const done = new Gate()
    const many = cache.getMany(['a', 'b'], async () => {
      await gate.passed()
      done.open()
      return end()
    })
    clock.advance(100)
    await expect(many).rejects.toBeInstanceOf(TimeoutError)
    gate.open()
    await done.passed()
    await new Promise(resolve => setImmediate(resolve))
    expect(events).toEqual(['miss', 'miss', 'timeout', 'timeout', 'late', 'late'])
    expect(cache.stats()).toMatchObject({ errors: 2, entries: 0, flights: 0 })
  })

  it('whose Map holds a value that cannot be looked at fails for that key and those after it alone', async () => {
    const events: string[] = []
    const { cache } = setUp({ ttl: TTL, onEvent: ({ type }) => events.push(type) })
    const hostile = new Proxy(
      {},
      {
        has() {
          throw new Error('do not look')
        },
      },
    )
    const load: FetchMany<unknown> = () =>
      new Map<string, unknown>([
        ['a', 1],
        ['b', hostile],
      ])
    await expect(cache.getMany(['a', 'b'], load)).rejects.toThrow('do not look')
    expect([cache.peek('a')?.value, cache.peek('b'), cache.stats().flights]).toEqual([1, undefined, 0])
    expect(events).toEqual(['miss', 'miss', 'store', 'fail'])
  })

  it('gets what its caller gets: its own time limit, its own ttl and its own tags', async () => {
    const { cache, clock } = setUp({ ttl: TTL })
    await cache.getMany(['a'], echo, { ttl: 10, tags: ['t'] })
    expect(cache.peek('a')).toMatchObject({ ttl: 10 })
    await cache.invalidateTags('t')
    expect(cache.peek('a')).toBeUndefined()
    const many = cache.getMany(['b'], hangs, { timeout: 50 })
    clock.advance(50)
    await expect(many).rejects.toThrow('timeout of 50 ms')
  })

  it('asks again for a key that it joined after an invalidation, with its own fetch and that key alone', async () => {
    const { cache, gate } = setUp({ ttl: TTL })
    const before = cache.get('k', async context => {
      await gate.passed()
      context.tags = ['t']
      return 'outdated'
    })
    await cache.invalidateTags('t')
    const asked: (readonly string[])[] = []
    const many = cache.getMany(['a', 'k'], keys => {
      asked.push(keys)
      return echo(keys)
    })
    gate.open()
    expect([await before, [...(await many)], asked]).toEqual([
      'outdated',
      [
        ['a', 'a!'],
        ['k', 'k!'],
      ],
      [['a'], ['k']],
    ])
  })
})
