import { Gate } from '../../conformance/src/gate.ts'
import { TestClock } from '../../conformance/src/test-clock.ts'
import { describe, expect, it } from 'vitest'
import { type Fetch, Stampede, type StampedeOptions, TimeoutError } from '../src/index.ts'

const TTL = 5_000

/** A cache with a clock that stands still, and a fetch that is held until its gate opens. */
function setUp(options: StampedeOptions = {}): {
  readonly cache: Stampede
  readonly clock: TestClock
  readonly gate: Gate
  readonly runs: () => number
  readonly fetch: Fetch<string>
} {
  const clock = new TestClock()
  const gate = new Gate()
  let runs = 0
  const fetch: Fetch<string> = async () => {
    runs += 1
    const run = runs
    await gate.passed()
    return `run ${run}`
  }
  return { cache: new Stampede({ clock, ...options }), clock, gate, fetch, runs: () => runs }
}

const fails = (reason: unknown): Fetch<never> => {
  return () => {
    throw reason
  }
}

describe('get', () => {
  it('runs one fetch for all callers on a missing key, and again once it has expired', async () => {
    const { cache, clock, gate, fetch, runs } = setUp({ ttl: TTL })
    gate.open()
    const round = (): Promise<string[]> => Promise.all(Array.from({ length: 1000 }, () => cache.get('k', fetch)))
    expect(new Set(await round())).toEqual(new Set(['run 1']))
    clock.advance(TTL - 1)
    expect(new Set(await round())).toEqual(new Set(['run 1']))
    clock.advance(1)
    expect(new Set(await round())).toEqual(new Set(['run 2']))
    expect(runs()).toBe(2)
  })

  it('only coalesces with a ttl of 0', async () => {
    const { cache, gate, fetch } = setUp()
    gate.open()
    expect(await Promise.all([cache.get('k', fetch), cache.get('k', fetch)])).toEqual(['run 1', 'run 1'])
    expect(await cache.get('k', fetch)).toBe('run 2')
    expect(cache.stats()).toMatchObject({ entries: 0, misses: 2, collapsed: 1, fetches: 2 })
  })

  it('keeps keys apart, whatever strings they are', async () => {
    const { cache } = setUp({ ttl: TTL })
    const keys = ['', '__proto__', 'constructor', 'toString', 'a', 'A', 'x'.repeat(2 ** 20)]
    for (const key of keys) await cache.get(key, () => key)
    for (const key of keys) expect(await cache.get(key, fails('ran again'))).toBe(key)
  })

  it('stores undefined and null as values', async () => {
    const { cache } = setUp({ ttl: TTL })
    for (const value of [undefined, null]) {
      expect(await cache.get(String(value), () => value)).toBe(value)
      expect(await cache.get(String(value), fails('ran again'))).toBe(value)
    }
  })

  it.each([[new Error('x')], [undefined], ['a string'], [0]])(
    'gives every caller the very reason: %s',
    async reason => {
      const { cache } = setUp({ ttl: TTL })
      const fetches: Fetch<never>[] = [fails(reason), () => Promise.reject(reason)]
      for (const fetch of fetches) {
        const outcomes = await Promise.allSettled([cache.get('k', fetch), cache.get('k', fetch)])
        expect(outcomes).toEqual(outcomes.map(() => ({ status: 'rejected', reason })))
      }
      expect(cache.stats()).toMatchObject({ entries: 0, flights: 0, errors: 2 })
      expect(await cache.get('k', () => 'after')).toBe('after')
    },
  )

  it('rejects bad input by name', async () => {
    const { cache, fetch } = setUp()
    await expect(cache.get(1 as unknown as string, fetch)).rejects.toThrow('"key" got 1; it takes a string')
    await expect(cache.get('k', 'x' as unknown as Fetch<string>)).rejects.toThrow(
      '"fetch" got "x"; it takes a function',
    )
    await expect(cache.get('k', fetch, { ttl: -1 })).rejects.toThrow('"ttl" got -1')
    await expect(cache.get('k', fetch, { tll: 1 } as object)).rejects.toThrow('"tll"')
    await expect(cache.get('k', fetch, { signal: {} as AbortSignal })).rejects.toThrow('"signal"')
  })

  it('serves more cold keys at once than maxEntries, and keeps no more than that', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL, maxEntries: 10 })
    const all = Array.from({ length: 100 }, (_, index) => cache.get(`k${index}`, fetch))
    gate.open()
    expect(new Set(await Promise.all(all)).size).toBe(100)
    expect(cache.stats()).toMatchObject({ entries: 10, evictions: 90, flights: 0 })
  })

  it.each([1, 2, 10])(
    'keeps a key that is used over those that are not, at maxEntries %i and above',
    async maxEntries => {
      const { cache } = setUp({ ttl: TTL, maxEntries: maxEntries + 1 })
      await cache.get('hot', () => 'hot')
      for (let index = 0; index < 50; index += 1) {
        await cache.get(`cold ${index}`, () => index)
        expect(await cache.get('hot', fails('evicted'))).toBe('hot')
      }
      expect(cache.stats().entries).toBe(maxEntries + 1)
    },
  )
})

describe('stale values', () => {
  const options = { ttl: TTL, staleWhileRevalidate: TTL }

  it('are given while one refresh runs in the background', async () => {
    const { cache, clock, gate, fetch, runs } = setUp(options)
    await cache.set('k', 'old')
    clock.advance(TTL)
    expect(await Promise.all([cache.get('k', fetch), cache.get('k', fetch)])).toEqual(['old', 'old'])
    expect(runs()).toBe(1)
    gate.open()
    expect(await cache.getFresh('k', fetch)).toBe('run 1')
    expect(await cache.get('k', fetch)).toBe('run 1')
    expect(cache.stats()).toMatchObject({ staleHits: 2, fetches: 1 })
  })

  it('are gone at the end of their window', async () => {
    const { cache, clock, gate, fetch } = setUp(options)
    gate.open()
    await cache.set('k', 'old')
    clock.advance(2 * TTL)
    expect(cache.peek('k')).toBeUndefined()
    expect(await cache.get('k', fetch)).toBe('run 1')
  })

  it('are never given by getFresh, whatever fails', async () => {
    const { cache, clock } = setUp(options)
    await cache.set('k', 'old')
    clock.advance(TTL)
    await expect(cache.getFresh('k', fails(new Error('down')))).rejects.toThrow('down')
  })

  it('survive failed refreshes, which back off from one second to thirty', async () => {
    const { cache, clock } = setUp({ ttl: TTL, staleWhileRevalidate: 600_000 })
    await cache.set('k', 'old')
    clock.advance(TTL)
    let fetches = 0
    const failing: Fetch<string> = async () => {
      fetches += 1
      throw new Error('down')
    }
    const after20Calls = async (): Promise<number> => {
      for (let call = 0; call < 20; call += 1) expect(await cache.get('k', failing)).toBe('old')
      return fetches
    }
    expect(await after20Calls()).toBe(1)
    const seen: number[] = []
    for (const pause of [999, 1, 1999, 1, 3999, 1, 26_999 + 1]) {
      clock.advance(pause)
      seen.push(await after20Calls())
    }
    expect(seen).toEqual([1, 2, 2, 3, 3, 4, 5])
  })

  it('are shown to the fetch that replaces them', async () => {
    const { cache } = setUp(options)
    await cache.set('k', 'old')
    expect(await cache.refresh('k', ({ stale, key }) => `${key}: ${String(stale)} and new`)).toBe('k: old and new')
  })
})

describe('changes', () => {
  const changes: Record<string, (cache: Stampede) => Promise<unknown>> = {
    delete: cache => cache.delete('k'),
    clear: cache => cache.clear(),
  }
  for (const [name, change] of Object.entries(changes)) {
    it(`${name} fences what is in flight: its callers get it, nobody else does`, async () => {
      const { cache, gate, fetch } = setUp({ ttl: TTL })
      const before = cache.get('k', fetch)
      expect(await change(cache)).toEqual({ fleet: true })
      const after = cache.get('k', fetch)
      gate.open()
      expect(await before).toBe('run 1')
      expect(await after).toBe('run 2')
      expect(await cache.get('k', fetch)).toBe('run 2')
    })
  }

  it('set is not overwritten by an older flight', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    const before = cache.get('k', fetch)
    await cache.set('k', 'set')
    gate.open()
    expect(await before).toBe('run 1')
    expect(await cache.get('k', fetch)).toBe('set')
  })

  it('set takes effect at once, with its own ttl, and refuses a promise', async () => {
    const { cache, clock } = setUp({ ttl: TTL })
    void cache.set('k', 'now', { ttl: 10 })
    expect(cache.peek('k')).toEqual({ value: 'now', state: 'fresh', age: 0, ttl: 10 })
    clock.advance(10)
    expect(cache.peek('k')).toBeUndefined()
    expect(() => cache.set('k', Promise.resolve(1))).toThrow('"value"')
  })

  it('refresh runs though a fresh value is there, and joins a flight', async () => {
    const { cache, gate, fetch, runs } = setUp({ ttl: TTL })
    await cache.set('k', 'old')
    const both = [cache.refresh('k', fetch), cache.refresh('k', fetch)]
    expect(await cache.get('k', fetch)).toBe('old')
    gate.open()
    expect(await Promise.all(both)).toEqual(['run 1', 'run 1'])
    expect(await cache.get('k', fetch)).toBe('run 1')
    expect(runs()).toBe(1)
  })

  it('a fetch may set the ttl of its result, or keep it out of the store', async () => {
    const { cache, clock } = setUp()
    await cache.get('k', context => {
      context.ttl = 10
      return 'kept'
    })
    clock.advance(9)
    expect(cache.peek('k')).toMatchObject({ ttl: 1 })
    await cache.refresh('k', context => {
      context.noStore = true
      return 'not kept'
    })
    expect(cache.peek('k')).toMatchObject({ value: 'kept' })
    const bad: Fetch<string> = context => {
      context.ttl = Number.NaN
      return 'x'
    }
    await expect(cache.refresh('k', bad)).rejects.toThrow('"context.ttl" got NaN')
  })
})

describe('a signal', () => {
  it('lets one caller leave with its reason; the flight goes on for the others', async () => {
    const { cache, gate, fetch, runs } = setUp({ ttl: TTL })
    const controller = new AbortController()
    const leaver = cache.get('k', fetch, { signal: controller.signal })
    const stayer = cache.get('k', fetch, { signal: new AbortController().signal })
    controller.abort('bye')
    await expect(leaver).rejects.toBe('bye')
    gate.open()
    expect(await stayer).toBe('run 1')
    expect(runs()).toBe(1)
  })

  it('that was aborted before rejects even a hit', async () => {
    const { cache, fetch } = setUp({ ttl: TTL })
    await cache.set('k', 'hit')
    await expect(cache.get('k', fetch, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
  })

  it('of the last caller aborts the fetch and frees the key', async () => {
    const { cache } = setUp({ ttl: TTL })
    const controllers = [new AbortController(), new AbortController()]
    let seen: AbortSignal | undefined
    const fetch: Fetch<string> = ({ signal }) => {
      seen = signal
      return new Promise<string>(() => {})
    }
    const callers = controllers.map(({ signal }) => cache.get('k', fetch, { signal }))
    controllers[0]?.abort('one')
    expect(seen?.aborted).toBe(false)
    controllers[1]?.abort('two')
    expect(seen?.aborted).toBe(true)
    expect((await Promise.allSettled(callers)).map(caller => caller.status)).toEqual(['rejected', 'rejected'])
    expect(cache.stats().flights).toBe(0)
    expect(await cache.get('k', () => 'next')).toBe('next')
  })

  it('does not end a flight that a caller without one, or the cache itself, holds', async () => {
    const { cache, clock, gate, fetch } = setUp({ ttl: TTL, staleWhileRevalidate: TTL })
    const held = cache.get('k', fetch)
    const controller = new AbortController()
    const leaver = cache.get('k', fetch, { signal: controller.signal })
    controller.abort('bye')
    await expect(leaver).rejects.toBe('bye')
    gate.open()
    expect(await held).toBe('run 1')
    clock.advance(TTL)
    await cache.get('k', fetch)
    const late = new AbortController()
    const joined = cache.getFresh('k', fetch, { signal: late.signal })
    late.abort('bye')
    await expect(joined).rejects.toBe('bye')
    expect(await cache.getFresh('k', fetch)).toBe('run 2')
  })
})

describe('timeout', () => {
  it('gives all callers an error that names it, aborts the fetch, frees the key and discards what comes late', async () => {
    const { cache, clock, gate, fetch } = setUp({ ttl: TTL, timeout: 100 })
    let signal: AbortSignal | undefined
    const late: Fetch<string> = context => {
      signal = context.signal
      return fetch(context)
    }
    const callers = [cache.get('k', late), cache.get('k', late)]
    clock.advance(100)
    const outcomes = await Promise.allSettled(callers)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'TimeoutError', option: 'timeout', key: 'k' },
      })
    }
    expect(signal?.reason).toBeInstanceOf(TimeoutError)
    const next = cache.get('k', fetch)
    gate.open()
    expect(await next).toBe('run 2')
    expect(await cache.get('k', fetch)).toBe('run 2')
    expect(clock.pending).toBe(0)
  })

  it('frees the key also where the timer never comes, as for a request that is gone on Cloudflare Workers', async () => {
    const clock = new TestClock()
    const timerless = { now: () => clock.now(), setTimeout: () => 0, clearTimeout: () => {} }
    const cache = new Stampede({ clock: timerless, timeout: 100 })
    const hangs: Fetch<string> = () => new Promise(() => {})
    void cache.get('k', hangs)
    clock.advance(99)
    void cache.get('k', hangs)
    expect(cache.stats()).toMatchObject({ fetches: 1, collapsed: 1 })
    clock.advance(1)
    expect(await cache.get('k', () => 'next')).toBe('next')
    expect(cache.stats()).toMatchObject({ fetches: 2, flights: 0 })
  })

  it('shows in a signal that is first read after it', async () => {
    const { cache, clock, gate } = setUp({ timeout: 100 })
    const seen = new Gate()
    let late: AbortSignal | undefined
    const caller = cache.get('k', async context => {
      await gate.passed()
      late = context.signal
      seen.open()
    })
    clock.advance(100)
    await expect(caller).rejects.toBeInstanceOf(TimeoutError)
    gate.open()
    await seen.passed()
    expect(late?.reason).toBeInstanceOf(TimeoutError)
  })

  it('ends a fetch that waits for its own key', async () => {
    const { cache, clock } = setUp({ timeout: 100 })
    const own: Fetch<string> = () => cache.get('k', own)
    const caller = cache.get('k', own)
    clock.advance(100)
    await expect(caller).rejects.toThrow('does not wait for its own key')
  })
})

describe('options', () => {
  it.each([
    [{ ttl: -1 }, '"ttl" got -1; it takes a duration in milliseconds'],
    [{ ttl: Number.NaN }, '"ttl" got NaN'],
    [{ ttl: '5000' }, '"ttl" got "5000"'],
    [{ maxEntries: 0 }, '"maxEntries" got 0; it takes a whole number, 1 or more'],
    [{ maxEntries: 1.5 }, '"maxEntries" got 1.5'],
    [{ timeout: 0 }, '"timeout" got 0'],
    [{ staleWhileRevalidate: null }, '"staleWhileRevalidate" got null'],
    [{ clock: {} }, '"clock" got an object; it takes a clock'],
    [{ tll: 5 }, '"tll" got 5; it takes nothing: there is no such option. Known ones: maxEntries, ttl'],
    [5, '"options" got 5; it takes an object'],
  ])('%j throws and says why', (options, message) => {
    expect(() => new Stampede(options as StampedeOptions)).toThrow(message)
  })

  it('undefined means unset', () => {
    expect(new Stampede({ ttl: undefined, maxEntries: undefined }).stats().entries).toBe(0)
  })

  it('works on the runtime’s own clock', async () => {
    const cache = new Stampede({ ttl: 60_000 })
    expect(await cache.get('k', () => 'v')).toBe('v')
    expect(await cache.get('k', fails('ran again'))).toBe('v')
    expect(cache.peek('k')?.ttl).toBeGreaterThan(0)
  })
})
