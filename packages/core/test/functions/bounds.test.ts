import { describe, expect, it } from 'vitest'
import { Gate } from '../../../conformance/src/gate.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { Stampede } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

describe('maxBytes', () => {
  const bounded = (maxBytes: number): Stampede<string> =>
    new Stampede<string>({ ttl: TTL, maxBytes, sizeOf: value => value.length })

  it('bounds what sizeOf says of the values, and the keys at two bytes a character', async () => {
    const cache = bounded(24)
    await cache.get('a', () => '12345678')
    await cache.set('b', '12345678')
    expect(cache.stats()).toMatchObject({ entries: 2, bytes: 20 })
    await cache.set('c', '123')
    expect(cache.stats()).toMatchObject({ entries: 2, bytes: 15, evictions: 1 })
  })

  it('keeps nothing that is larger than all of it, and loses nothing by that', async () => {
    const cache = bounded(10)
    await cache.set('a', '1')
    expect(await cache.get('b', () => 'much too large')).toBe('much too large')
    expect([cache.peek('a')?.value, cache.peek('b')]).toEqual(['1', undefined])
  })

  it('measures without a bound too, and stores nothing that cannot be measured', async () => {
    const events: string[] = []
    const cache = new Stampede<number>({ ttl: TTL, sizeOf: value => value, onEvent: ({ type }) => events.push(type) })
    await cache.set('ab', 5)
    expect(cache.stats().bytes).toBe(9)
    expect(await cache.get('k', () => -1)).toBe(-1)
    expect(cache.peek('k')).toBeUndefined()
    expect(events).toContain('error')
  })
})

describe('sizeOf', () => {
  it.each([[-1], [Number.NaN], ['5'], [null], [undefined]])(
    'that returns %j is told of, and the value is given and not stored',
    async size => {
      const told: unknown[] = []
      const options = { ttl: TTL, sizeOf: () => size as number }
      const loud = new Stampede({ ...options, onEvent: event => told.push(event) })
      for (const cache of [loud, new Stampede(options)]) {
        expect(await cache.get('k', () => 'value')).toBe('value')
        await cache.set('set', 'value')
        expect(cache.stats().entries).toBe(0)
      }
      const message = `stampede: option "sizeOf" returned ${String(size)}; it returns a number of bytes, 0 or more`
      expect(told).toContainEqual({ type: 'error', key: 'k', error: new TypeError(message) })
      expect(told).toContainEqual({ type: 'error', key: 'set', error: new TypeError(message) })
    },
  )

  it('may be a fraction, which counts as a whole byte: no rest is left of the sum', async () => {
    const cache = new Stampede<number>({ ttl: TTL, maxBytes: 10, sizeOf: value => value })
    for (const value of [0.1, 0.7, 0.2]) await cache.set(`${value}`.slice(-1), value)
    expect(cache.stats()).toMatchObject({ entries: 3, bytes: 9 })
    for (const key of ['1', '7', '2']) await cache.delete(key)
    expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 })
  })

  it.each([Number.POSITIVE_INFINITY, Number.MAX_VALUE])(
    'may be %d, without a bound too: nothing is stored',
    async size => {
      const cache = new Stampede({ ttl: TTL, sizeOf: () => size })
      await cache.set('k', 'value')
      expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 })
    },
  )

  it('is not called for a cached error, whose key counts all the same', async () => {
    const cache = new Stampede({ errorTtl: TTL, maxBytes: 10, sizeOf: () => 0 })
    await expect(cache.get('long key', fails('down'))).rejects.toBe('down')
    await expect(cache.get('key', fails('down'))).rejects.toBe('down')
    expect(cache.stats()).toMatchObject({ entries: 1, bytes: 6 })
  })

  it('may be 0: then the key alone counts', async () => {
    const cache = new Stampede({ ttl: TTL, sizeOf: () => 0 })
    await cache.set('key', 'value')
    expect(cache.stats()).toMatchObject({ entries: 1, bytes: 6 })
  })
})

describe('maxFlights', () => {
  it('runs further fetches uncoalesced, and does not store them', async () => {
    const events: string[] = []
    const { cache, gate, fetch, runs } = setUp({ ttl: TTL, maxFlights: 2, onEvent: ({ type }) => events.push(type) })
    const calls = ['a', 'b', 'c', 'c', 'a'].map(key => cache.get(key, fetch))
    expect([cache.stats().flights, runs()]).toEqual([2, 4])
    gate.open()
    expect(await Promise.all(calls)).toEqual(['run 1', 'run 2', 'run 3', 'run 4', 'run 1'])
    expect(['a', 'b', 'c'].map(key => cache.peek(key)?.value)).toEqual(['run 1', 'run 2', undefined])
    expect(events.filter(type => type === 'overflow')).toHaveLength(2)
  })
})

describe('what ran over maxFlights', () => {
  it('takes nothing from a flight for its key that began later', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL, maxFlights: 1 })
    const [first, over] = [new Gate(), new Gate()]
    const filling = cache.get('other', () => first.passed())
    const beside = cache.get('k', async () => {
      await over.passed()
      return 'beside'
    })
    first.open()
    await filling
    const leading = cache.get('k', fetch)
    over.open()
    expect(await beside).toBe('beside')
    expect([cache.peek('k'), cache.stats().flights]).toEqual([undefined, 1])
    gate.open()
    expect([await leading, cache.peek('k')?.value]).toEqual(['run 1', 'run 1'])
  })
})

describe('jitter', () => {
  it('takes up to that part off the ttl', async () => {
    let draw = 0
    const { cache } = setUp({ ttl: 1_000, jitter: 0.2, random: () => draw })
    await cache.set('longest', 1)
    draw = 0.5
    await cache.get('middle', () => 1)
    draw = 0.999
    await cache.set('shortest', 1)
    expect(['longest', 'middle', 'shortest'].map(key => cache.peek(key)?.ttl)).toEqual([1_000, 900, 801])
  })
})

describe('expired entries', () => {
  it('is removed even if it is never requested again', async () => {
    const { cache, clock } = setUp({ ttl: 100 })
    for (let key = 0; key < 50; key += 1) await cache.set(`key ${key}`, 'x')
    await cache.set('later', 'x', { ttl: 10_000 })
    clock.advance(1_000)
    expect(cache.stats().entries).toBe(1)
    clock.advance(10_000)
    expect(cache.stats()).toMatchObject({ entries: 0, evictions: 0 })
    expect(clock.pending).toBe(0)
  })
})

describe('close', () => {
  it('empties the cache, detaches fetches in progress, and leaves no timer behind', async () => {
    const { cache, clock, gate, fetch } = setUp({ ttl: TTL })
    await cache.set('stored', 'x')
    const waiting = cache.get('k', fetch)
    await cache.close()
    expect([cache.peek('stored'), cache.stats().flights]).toEqual([undefined, 0])
    gate.open()
    expect(await waiting).toBe('run 1')
    expect([cache.stats().entries, clock.pending]).toEqual([0, 0])
  })

  it('lets calls that come later run alone, and stores nothing of them', async () => {
    const { cache, clock, gate, fetch, runs } = setUp({ ttl: TTL })
    await cache.close()
    const calls = [cache.get('k', fetch), cache.get('k', fetch)]
    gate.open()
    expect([await Promise.all(calls), runs()]).toEqual([['run 1', 'run 2'], 2])
    await cache.set('k', 'x')
    expect([cache.peek('k'), clock.pending]).toEqual([undefined, 0])
    await expect(cache.get('k', fails('down'))).rejects.toBe('down')
  })
})

describe('a value that is shared', () => {
  it('is the very one that the fetch gave', async () => {
    const { cache } = setUp({ ttl: TTL })
    const value = { deep: [1] }
    expect(await cache.get('k', () => value)).toBe(value)
    expect(await cache.get('k', fails('unused'))).toBe(value)
    expect(cache.peek('k')?.value).toBe(value)
  })
})

describe('the runtime’s own clock', () => {
  it('is read again once the event loop has turned', async () => {
    const cache = new Stampede({ ttl: 5 })
    const gate = new Gate()
    await cache.set('k', 'old')
    // Stored again if the ttl is over already, as on a busy machine.
    expect(await cache.get('k', () => 'old')).toBe('old')
    // A fetch that times out ends only when the time has really passed.
    const slow = new Stampede({ timeout: 20 })
    const passes = async (): Promise<void> => gate.passed()
    await expect(slow.get('k', passes)).rejects.toThrow('timeout of 20 ms')
    expect(await cache.get('k', () => 'new')).toBe('new')
    gate.open()
  })

  it('is read often enough though the event loop does not turn', async () => {
    const cache = new Stampede({ ttl: 5 })
    await cache.set('k', 'old')
    const end = performance.now() + 10
    let value: unknown = 'old'
    let calls = 0
    while (value === 'old' && calls < 1e7) {
      value = await cache.get('k', () => 'new')
      if (performance.now() > end) calls += 1
    }
    // At most so many calls after the end of the ttl get what is no longer fresh.
    expect([value, calls <= 256]).toEqual(['new', true])
  })
})

describe('an injected clock', () => {
  it('is always read', async () => {
    const clock = new TestClock()
    const cache = new Stampede({ ttl: 1, clock })
    await cache.set('k', 'old')
    clock.advance(1)
    expect(await cache.get('k', () => 'new')).toBe('new')
  })
})
