import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type Fetch, Stampede, TimeoutError } from '../../src/index.ts'
import { fails, setUp, TTL } from '../support/set-up.ts'

describe('a caller with a signal', () => {
  it('leaves no listener at it: neither with a value, nor with a failure, nor when it left', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    const { signal } = new AbortController()
    const leaving = new AbortController()
    const calls = [
      cache.get('a', fetch, { signal }),
      cache.get('b', fails('down'), { signal }),
      cache.get('a', fetch, { signal: leaving.signal }),
    ]
    leaving.abort('left')
    expect(getEventListeners(leaving.signal, 'abort')).toEqual([])
    gate.open()
    expect(await Promise.allSettled(calls)).toMatchObject([{ value: 'run 1' }, { reason: 'down' }, { reason: 'left' }])
    for (const each of [signal, leaving.signal]) expect(getEventListeners(each, 'abort')).toEqual([])
  })

  it('may leave while its own fetch is being started: the fetch is aborted, and the key is free', async () => {
    const { cache } = setUp({ ttl: TTL })
    const controller = new AbortController()
    let seen: AbortSignal | undefined
    const leaves: Fetch<string> = ({ signal }) => {
      seen = signal
      controller.abort('left')
      return new Promise(() => {})
    }
    await expect(cache.get('k', leaves, { signal: controller.signal })).rejects.toBe('left')
    expect([seen?.reason, cache.stats().flights]).toEqual(['left', 0])
    expect(await cache.get('k', () => 'next')).toBe('next')
  })

  it('that comes after all others have aborted starts a fetch, and the earlier one is not stored', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    const controller = new AbortController()
    const left = cache.get('k', fetch, { signal: controller.signal })
    controller.abort('left')
    await expect(left).rejects.toBe('left')
    const next = cache.get('k', fetch, { signal: new AbortController().signal })
    gate.open()
    expect(await next).toBe('run 2')
    expect(cache.peek('k')).toMatchObject({ value: 'run 2' })
  })

  it('leaves a flight alone that has ended: what it yielded stays stored', async () => {
    const { cache } = setUp({ ttl: TTL })
    const controller = new AbortController()
    let seen: AbortSignal | undefined
    const fetch: Fetch<string> = ({ signal }) => {
      seen = signal
      return 'value'
    }
    expect(await cache.get('k', fetch, { signal: controller.signal })).toBe('value')
    controller.abort('left')
    expect(seen?.aborted).toBe(false)
    expect(await cache.get('k', fails('unused'))).toBe('value')
  })

  it('that aborts as the value is stored affects no other caller, and no finished fetch', async () => {
    const controller = new AbortController()
    let seen: AbortSignal | undefined
    const fetch: Fetch<string> = ({ signal }) => {
      seen = signal
      return 'value'
    }
    const cache: Stampede = new Stampede({
      ttl: TTL,
      onEvent: ({ type }) => {
        if (type === 'store') controller.abort('left')
      },
    })
    await expect(cache.get('k', fetch, { signal: controller.signal })).rejects.toBe('left')
    expect([await cache.get('k', fails('unused')), seen?.aborted]).toEqual(['value', false])
  })

  it('gets the time-out of its flight like any other caller, or its own reason if it aborted before', async () => {
    const { cache, clock, fetch } = setUp({ timeout: 100 })
    const controller = new AbortController()
    const leaver = cache.get('k', fetch, { signal: controller.signal })
    const stayer = cache.get('k', fetch, { signal: new AbortController().signal })
    controller.abort('left')
    clock.advance(100)
    expect(await Promise.allSettled([leaver, stayer])).toMatchObject([
      { reason: 'left' },
      { reason: expect.any(TimeoutError) as TimeoutError },
    ])
  })
})

describe('the signal of a fetch', () => {
  it('is one and the same, however often it is read, and aborts all that listen to it', async () => {
    const { cache } = setUp()
    const controller = new AbortController()
    const seen: AbortSignal[] = []
    const fetch: Fetch<string> = context => {
      seen.push(context.signal, context.signal)
      return new Promise(() => {})
    }
    const left = cache.get('k', fetch, { signal: controller.signal })
    controller.abort('left')
    await expect(left).rejects.toBe('left')
    expect(seen[0]).toBe(seen[1])
    expect(seen[0]?.reason).toBe('left')
  })
})

describe('a flight that all have left', () => {
  it('leaves no time limit behind, and is counted as no failure', async () => {
    const { cache, clock, fetch } = setUp({ ttl: TTL, errorTtl: TTL, timeout: 100 })
    const controller = new AbortController()
    const left = cache.get('k', fetch, { signal: controller.signal })
    controller.abort('left')
    await expect(left).rejects.toBe('left')
    await cache.close()
    expect(clock.pending).toBe(0)
    expect(cache.stats()).toMatchObject({ errors: 0, entries: 0 })
  })

  it('reports only the late result', async () => {
    const events: string[] = []
    const { cache, gate, fetch } = setUp({ ttl: TTL, onEvent: ({ type }) => events.push(type) })
    const controller = new AbortController()
    const left = cache.get('k', fetch, { signal: controller.signal })
    controller.abort('left')
    await expect(left).rejects.toBe('left')
    gate.open()
    await new Promise(resolve => setImmediate(resolve))
    expect(events).toEqual(['miss', 'late'])
  })
})
