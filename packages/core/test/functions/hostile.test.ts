import { describe, expect, it } from 'vitest'
import { Gate } from '../../../conformance/src/gate.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { type Fetch, type FetchMany, Stampede, type StampedeEvent, TimeoutError } from '../../src/index.ts'
import { setUp, TTL } from '../support/set-up.ts'

/** A cache with this `random`, its events, and their types. */
function drawing(random: () => unknown) {
  const told: StampedeEvent[] = []
  const events: string[] = []
  const onEvent = (event: StampedeEvent): void => {
    told.push(event)
    events.push(event.type)
  }
  return { cache: new Stampede({ ttl: 1_000, jitter: 1, random: random as () => number, onEvent }), told, events }
}

describe('a fetch that invalidates its own tag', () => {
  it.each([[undefined], [{}]])('gives its callers what it yields, with options %j, and runs once', async options => {
    const { cache } = setUp({ ttl: TTL })
    let runs = 0
    const fetch: Fetch<number> = async context => {
      runs += 1
      context.tags = ['t']
      await cache.invalidateTags('t')
      return runs
    }
    expect(await cache.get('k', fetch, options)).toBe(1)
    expect([runs, cache.peek('k')]).toEqual([1, undefined])
  })

  it('gives what it yields to a batch too, and runs once', async () => {
    const { cache } = setUp({ ttl: TTL })
    let runs = 0
    const load: FetchMany<number> = async (keys, context) => {
      runs += 1
      context.tags = ['t']
      await cache.invalidateTags('t')
      return new Map(keys.map(key => [key, runs]))
    }
    expect([...(await cache.getMany(['a', 'b'], load)).values(), runs]).toEqual([1, 1, 1])
  })
})

describe('fetchMany', () => {
  it('may give a Map whose methods throw: all get that reason', async () => {
    class Broken extends Map<string, number> {
      override [Symbol.iterator](): never {
        throw new Error('broken')
      }
    }
    const { cache } = setUp({ ttl: TTL })
    await expect(cache.getMany(['a', 'b'], () => new Broken())).rejects.toThrow('broken')
    expect(cache.stats().flights).toBe(0)
  })

  it('may give a value whose then cannot be read: the others are stored', async () => {
    const { cache } = setUp({ ttl: TTL })
    const has = (): never => {
      throw new Error('unreadable')
    }
    const unreadable = new Proxy({}, { has })
    const load: FetchMany<unknown> = () =>
      new Map<string, unknown>([
        ['a', unreadable],
        ['b', 1],
      ])
    await expect(cache.getMany(['a', 'b'], load)).rejects.toThrow('unreadable')
    expect([cache.peek('a'), cache.peek('b')?.value]).toEqual([undefined, 1])
  })

  it('may not give promises for values; the others are stored', async () => {
    const { cache } = setUp({ ttl: TTL })
    const promises: FetchMany<unknown> = () =>
      new Map<string, unknown>([
        ['a', Promise.reject(new Error('nobody’s'))],
        ['b', 1],
      ])
    await expect(cache.getMany(['a', 'b'], promises)).rejects.toThrow('gave a promise for key "a"')
    expect([cache.peek('a'), cache.peek('b')?.value]).toEqual([undefined, 1])
  })
})

describe('random', () => {
  it.each([[Number.NaN], [-1], [2], ['x'], ['0.5'], [null], [undefined]])(
    'that returns %j changes nothing, and is told',
    async drawn => {
      const { cache, told } = drawing(() => drawn)
      await cache.get('k', () => 1)
      expect(cache.peek('k')?.ttl).toBeGreaterThan(900)
      const message = `stampede: option "random" returned ${String(drawn)}; it returns a number from 0 to 1`
      expect(told).toContainEqual({ type: 'error', key: 'k', error: new TypeError(message) })
    },
  )

  it.each([0, 0.5, 1])('that returns %d is as it should be', async drawn => {
    const { cache, events } = drawing(() => drawn)
    await cache.get('k', () => 1)
    expect(events).not.toContain('error')
  })

  it('that fails does not affect a cache without a listener', async () => {
    const random = (): number => Number.NaN
    const cache = new Stampede({ ttl: TTL, jitter: 1, random })
    await cache.set('set', 1)
    expect([await cache.get('k', () => 1), cache.peek('k')?.value, cache.peek('set')?.value]).toEqual([1, 1, 1])
  })

  it('that throws changes nothing, and is reported', async () => {
    const { cache, events } = drawing(() => {
      throw new Error('random')
    })
    await cache.set('set', 1)
    expect([await cache.get('k', () => 1), cache.peek('set')?.value]).toEqual([1, 1])
    expect(events.filter(type => type === 'error')).toHaveLength(2)
  })
})

describe('a clock that throws while a fetch runs', () => {
  it.each([true, false])('takes no caller’s answer (reported: %s)', async isTold => {
    const errors: unknown[] = []
    const onEvent = (event: StampedeEvent): void => {
      if (event.type === 'error') errors.push([event.key, event.error])
    }
    const own = new Error('clock')
    let isBroken = false
    const gate = new Gate()
    const now = (): number => {
      if (isBroken) throw own
      return 0
    }
    const cache = new Stampede({ ttl: TTL, clock: { now }, onEvent: isTold ? onEvent : undefined })
    const waiting = cache.get('k', async () => {
      await gate.passed()
      return 'value'
    })
    const failing = cache.get('failing', async () => {
      await gate.passed()
      throw new Error('its own')
    })
    isBroken = true
    gate.open()
    expect(await waiting).toBe('value')
    await expect(failing).rejects.toThrow('its own')
    const expected = [
      ['k', own],
      ['failing', own],
    ]
    expect(errors).toEqual(isTold ? expected : [])
  })
})

describe('a listener that calls for the key of its event', () => {
  it.each(['miss', 'refresh'])('at a %s joins the flight', async told => {
    const clock = new TestClock()
    const gate = new Gate()
    let runs = 0
    const fetch: Fetch<number> = async () => {
      runs += 1
      await gate.passed()
      return runs
    }
    const cache: Stampede = new Stampede({
      clock,
      ttl: TTL,
      staleWhileRevalidate: told === 'refresh' ? TTL : 0,
      onEvent: ({ type }) => {
        if (type === told) void cache.getFresh('k', fetch)
      },
    })
    await cache.set('k', 0)
    clock.advance(TTL)
    const answer = cache.get('k', fetch)
    gate.open()
    expect([await answer, await cache.getFresh('k', fetch), runs]).toEqual([told === 'refresh' ? 0 : 1, 1, 1])
  })
})

describe('close', () => {
  it('keeps the time limits of fetches in progress, and of later ones', async () => {
    const { cache, clock, fetch } = setUp({ timeout: 100 })
    const before = cache.get('k', fetch)
    await cache.close()
    const after = cache.get('k', fetch)
    const settled = Promise.allSettled([before, after])
    clock.advance(100)
    expect(await settled).toMatchObject([
      { reason: expect.any(TimeoutError) as TimeoutError },
      { reason: expect.any(TimeoutError) as TimeoutError },
    ])
    expect(clock.pending).toBe(0)
  })
})

describe('a cached error', () => {
  it('leaves with the tags that its fetch set', async () => {
    const { cache } = setUp({ ttl: TTL, errorTtl: 1_000 })
    const fails: Fetch<never> = context => {
      context.tags = ['t']
      throw new Error('down')
    }
    await expect(cache.get('k', fails)).rejects.toThrow('down')
    await cache.invalidateTags('t')
    expect(await cache.get('k', () => 'up')).toBe('up')
  })
})

describe('options of wrap', () => {
  it.each([
    [null, '"options" got null; it takes an object'],
    [5, '"options" got 5; it takes an object'],
    [{ signal: new AbortController().signal }, '"signal" got an object; it takes nothing: there is no such option'],
  ])('%j are refused by name', (options, message) => {
    expect(() => new Stampede().wrap(() => 1, options as object)).toThrow(message)
  })
})
