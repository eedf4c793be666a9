import { describe, expect, it } from 'vitest'
import { type Fetch, type FetchContext, Stampede, type StampedeEvent } from '../../src/index.ts'
import { Gate } from '../../../conformance/src/gate.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

describe('a call after the invalidation of a tag that the flight turns out to have', () => {
  const changes: Record<string, (cache: Stampede, context: FetchContext<string> | undefined) => unknown> = {
    'and is stored no more': () => undefined,
    'though its key was deleted meanwhile': cache => cache.delete('k'),
    'though all was cleared meanwhile': cache => cache.clear(),
    'though the value was set meanwhile': async cache => {
      await cache.set('k', 'set')
      await cache.delete('k')
    },
    'though its result is not to be stored': (_, context) => Object.assign(context ?? {}, { noStore: true }),
  }
  for (const [name, change] of Object.entries(changes)) {
    it(`does not get what was computed before it, ${name}`, async () => {
      const { cache, gate, fetch, runs } = setUp({ ttl: TTL })
      let seen: FetchContext<string> | undefined
      const tagged: Fetch<string> = context => {
        seen ??= context
        context.tags = ['t']
        return fetch(context)
      }
      const before = cache.get('k', tagged)
      await cache.invalidateTags('t')
      const after = [
        cache.get('k', tagged),
        cache.getMany(['k'], async () => new Map([['k', await fetch(seen as never)]])),
      ]
      await change(cache, seen)
      gate.open()
      expect(await before).toBe('run 1')
      expect(await Promise.all(after)).toEqual(['run 2', new Map([['k', 'run 2']])])
      expect(runs()).toBe(2)
    })
  }

  it('gets it where the tag that was invalidated is another', async () => {
    const { cache, gate, fetch, runs } = setUp({ ttl: TTL })
    const tagged: Fetch<string> = context => {
      context.tags = ['t']
      return fetch(context)
    }
    const calls = [cache.get('k', tagged)]
    await cache.invalidateTags('u')
    calls.push(cache.get('k', tagged))
    await cache.invalidateTags('t')
    gate.open()
    expect(await Promise.all(calls)).toEqual(['run 1', 'run 1'])
    expect(runs()).toBe(1)
    expect(cache.peek('k')).toBeUndefined()
  })

  it('starts no fetch once it has aborted', async () => {
    const { cache, gate, fetch, runs } = setUp({ ttl: TTL })
    const tagged: Fetch<string> = context => {
      context.tags = ['t']
      return fetch(context)
    }
    const stayer = cache.get('k', tagged)
    await cache.invalidateTags('t')
    const controller = new AbortController()
    const leaver = cache.get('k', tagged, { signal: controller.signal })
    controller.abort('bye')
    await expect(leaver).rejects.toBe('bye')
    gate.open()
    expect(await stayer).toBe('run 1')
    expect(runs()).toBe(1)
    expect(cache.stats()).toMatchObject({ misses: 1, collapsed: 1, flights: 0 })
  })
})

describe('a failure', () => {
  it('is cached if the stale value expired while the fetch ran', async () => {
    const { cache, clock, fetch } = setUp({ ttl: 100, staleWhileRevalidate: 10, errorTtl: 100 })
    await cache.set('k', 'old')
    clock.advance(100)
    const gate = new Gate()
    const failing: Fetch<string> = async () => {
      await gate.passed()
      throw new Error('down')
    }
    expect(await cache.get('k', failing)).toBe('old')
    const waiting = cache.getFresh('k', failing)
    clock.advance(10)
    gate.open()
    await expect(waiting).rejects.toThrow('down')
    await expect(cache.get('k', fetch)).rejects.toThrow('down')
    expect(cache.stats()).toMatchObject({ fetches: 1, hits: 1 })
  })

  it('replaces an earlier cached error', async () => {
    const { cache, clock, fetch } = setUp({ errorTtl: 100 })
    await expect(cache.get('k', fails('first'))).rejects.toBe('first')
    clock.advance(99)
    await expect(cache.refresh('k', fails('second'))).rejects.toBe('second')
    clock.advance(99)
    await expect(cache.get('k', fetch)).rejects.toBe('second')
    clock.advance(1)
    expect(await cache.get('k', () => 'up')).toBe('up')
  })

  it('does not count as a stale answer to a caller that has left', async () => {
    const clock = new TestClock()
    const events: string[] = []
    const onEvent = ({ type }: StampedeEvent): void => void events.push(type)
    const cache = new Stampede({ clock, ttl: TTL, staleIfError: TTL, softTimeout: 50, onEvent })
    await cache.set('k', 'old')
    clock.advance(TTL)
    const controller = new AbortController()
    const gate = new Gate()
    const failing: Fetch<string> = async () => {
      await gate.passed()
      throw new Error('down')
    }
    const leaver = cache.get('k', failing, { signal: controller.signal })
    const stayer = cache.getFresh('k', failing)
    controller.abort('bye')
    await expect(leaver).rejects.toBe('bye')
    clock.advance(50)
    gate.open()
    await expect(stayer).rejects.toThrow('down')
    expect(cache.stats().fallbacks).toBe(0)
    expect(events).not.toContain('fallback')
  })
})
