import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, describe, it } from 'vitest'
import type { FetchMany, SharedStore, SharedTier, Stampede } from '../../../src/index.ts'
import { delivered, setUpFleet } from '../../support/fleets.ts'
import { fails } from '../../support/set-up.ts'

const TIMEOUT = 100
/** What asking the store may take. */
const PATIENCE = 2 * TIMEOUT

const never = (): Promise<never> => new Promise(() => {})
const LIMITS = { timeout: TIMEOUT, ttl: 60_000, errorTtl: 60_000 }

/** A process whose store does not answer to what is replaced of it. */
function joinDeaf(replaced: (tier: SharedTier) => Partial<SharedTier>): ReturnType<typeof setUpFleet> {
  const parts = setUpFleet(LIMITS)
  const store: SharedStore = {
    join: local => {
      const tier = parts.fleet.store().join(local)
      const own = replaced(tier)
      return {
        degradedTtl: 5_000,
        read: own.read ?? (key => tier.read(key)),
        acquire: own.acquire ?? ((key, asked) => tier.acquire(key, asked)),
        allow: key => tier.allow(key),
        set: own.set ?? ((key, made) => tier.set(key, made)),
        invalidate: own.invalidate ?? (keys => tier.invalidate(keys)),
        invalidateTags: own.invalidateTags ?? (tags => tier.invalidateTags(tags)),
        clear: own.clear ?? (() => tier.clear()),
        close: own.close ?? (() => tier.close()),
      }
    },
  }
  return { ...parts, join: own => parts.join({ ...own, store }) }
}

describe('a store that takes too long', () => {
  it.each([
    ['reads', { read: never }],
    ['leases', { acquire: never }],
  ])('with %s makes no call fail: the fetch is run, in a time of its own', async (_what, replaced) => {
    const { clock, gate, tally, events, fetch, join } = joinDeaf(() => replaced)
    const cache = join()
    const calls = [cache.get('k', fetch), cache.get('k', fetch)]
    await delivered()
    clock.advance(PATIENCE - 1)
    expect(tally.count('runs')).toBe(0)
    clock.advance(1)
    await tally.until('runs', 1)
    clock.advance(TIMEOUT - 1)
    gate.open()
    expect(await Promise.all(calls)).toEqual(['run 1', 'run 1'])
    expect(cache.peek('k')).toMatchObject({ ttl: 5_000 })
    expect(events).toContainEqual({ type: 'degrade', key: 'k', reason: 'the store took too long' })
  })

  it('runs each fetch in the asynchronous context of its caller', async () => {
    const { clock, join } = joinDeaf(() => ({ read: never }))
    const cache = join()
    const context = new AsyncLocalStorage<string>()
    const ask = (key: string): Promise<unknown> => context.run(key, () => cache.get(key, () => context.getStore()))
    const calls = [ask('a'), ask('b')]
    clock.advance(PATIENCE)
    expect(await Promise.all(calls)).toEqual(['a', 'b'])
  })

  it('leaves the fetch its time limit', async () => {
    const { clock, tally, fetch, join } = joinDeaf(() => ({ read: never }))
    const call = join()
      .get('k', fetch)
      .catch((error: unknown) => error)
    clock.advance(PATIENCE)
    await tally.until('runs', 1)
    clock.advance(TIMEOUT)
    expect(await call).toMatchObject({ name: 'TimeoutError' })
  })

  it('gives a late lease back, and ignores a late answer', async () => {
    const { clock, fleet, gate, tally, fetch, join } = setUpFleet(LIMITS)
    const [a, b] = [join(), join()]
    fleet.hold('acquire')
    const call = a.get('k', fetch)
    await fleet.sent.until('acquire', 1)
    clock.advance(PATIENCE)
    await tally.until('runs', 1)
    fleet.release('acquire')
    await fleet.sent.until('settle', 1)
    expect(await b.get('k', async () => 'led')).toBe('led')
    gate.open()
    expect(await call).toBe('run 1')

    await b.set('l', 'shared')
    fleet.hold('read')
    const late = a.get('l', fetch)
    clock.advance(PATIENCE)
    fleet.release('read')
    expect(await late).toBe('run 2')
  })

  it('for one key of several takes no time of the fetch of all', async () => {
    const { clock, gate, join } = joinDeaf(tier => ({ read: key => (key === 'slow' ? never() : tier.read(key)) }))
    const asked: (readonly string[])[] = []
    const load: FetchMany<string> = async keys => {
      asked.push(keys)
      await gate.passed()
      return new Map(keys.map(key => [key, `${key}!`]))
    }
    const many = join().getMany(['quick', 'slow'], load)
    await delivered()
    clock.advance(PATIENCE)
    await delivered()
    expect(asked).toEqual([['quick', 'slow']])
    clock.advance(TIMEOUT - 1)
    gate.open()
    expect(Object.fromEntries(await many)).toEqual({ quick: 'quick!', slow: 'slow!' })
  })

  it('for a key that all have left has the others fetched without it', async () => {
    const { clock, join } = joinDeaf(tier => ({ read: key => (key === 'slow' ? never() : tier.read(key)) }))
    const cache = join()
    const leaver = new AbortController()
    const asked: (readonly string[])[] = []
    const load: FetchMany<string> = keys => {
      asked.push(keys)
      return new Map(keys.map(key => [key, `${key}!`]))
    }
    const left = cache.getMany(['quick', 'slow'], load, { signal: leaver.signal }).catch((reason: unknown) => reason)
    const stayed = cache.get('quick', fails('unused'))
    await delivered()
    leaver.abort('left')
    clock.advance(PATIENCE)
    expect([await left, await stayed]).toEqual(['left', 'quick!'])
    expect(asked).toEqual([['quick']])
  })
})

it('a value that is not in the store is returned no longer than degradedTtl, stale or not', async () => {
  const own = { ttl: 1_000, staleWhileRevalidate: 60_000, staleIfError: 60_000 }
  const { clock, fleet, gate, fetch, join } = setUpFleet(own)
  const cache = join()
  gate.open()
  fleet.stop()
  await cache.get('k', fetch)
  clock.advance(4_999)
  expect(cache.peek('k')).toMatchObject({ state: 'stale' })
  clock.advance(1)
  expect(cache.peek('k')).toBeUndefined()
  expect(await cache.get('k', fetch)).toBe('run 2')
})

it('no process waits for a key that all callers have abandoned', async () => {
  const leaver = new AbortController()
  const asked: boolean[] = []
  const { tally, gate, join } = joinDeaf(() => ({
    acquire: async (_key, { isWanted }) => {
      tally.add('asked')
      await gate.passed()
      asked.push(isWanted?.() === true)
      return { kind: 'busy' }
    },
  }))
  const cache = join()
  const left = cache.get('k', fails('unused'), { signal: leaver.signal }).catch((reason: unknown) => reason)
  const stays = cache.get('l', async () => 'made')
  await tally.until('asked', 2)
  leaver.abort('left')
  gate.open()
  expect([await left, await stays]).toEqual(['left', 'made'])
  expect(asked).toEqual([false, true])
})

describe('a store that never says that it has a change', () => {
  const deaf = { set: never, invalidate: never, invalidateTags: never, clear: never, close: never }

  it.each([
    ['set', (cache: Stampede) => cache.set('k', 'v')],
    ['delete', (cache: Stampede) => cache.delete('k')],
    ['invalidateTags', (cache: Stampede) => cache.invalidateTags('t')],
    ['clear', (cache: Stampede) => cache.clear()],
  ])('has it not, half a minute after %s', async (_what, change) => {
    const { clock, join } = joinDeaf(() => deaf)
    let reach: unknown
    void change(join()).then(reached => (reach = reached))
    await delivered()
    clock.advance(29_999)
    await delivered()
    expect(reach).toBeUndefined()
    clock.advance(1)
    await delivered()
    expect(reach).toEqual({ fleet: false })
  })

  it('is let go of, half a minute after it was closed', async () => {
    const { clock, join } = joinDeaf(() => deaf)
    const closing = join().close()
    await delivered()
    clock.advance(30_000)
    await expect(closing).resolves.toBeUndefined()
  })
})
