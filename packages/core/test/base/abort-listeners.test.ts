import { describe, expect, it, vi } from 'vitest'
import { onAbort } from '../../src/base/abort-listeners.ts'
import { setUp, TTL } from '../support/set-up.ts'

/** A signal, and the number of its listeners before it aborts. */
function counted(): {
  readonly controller: AbortController
  readonly signal: AbortSignal
  readonly count: () => number
} {
  const controller = new AbortController()
  const { signal } = controller
  const added = vi.spyOn(signal, 'addEventListener')
  const removed = vi.spyOn(signal, 'removeEventListener')
  return { controller, signal, count: () => added.mock.calls.length - removed.mock.calls.length }
}

describe('a signal that many callers share', () => {
  it('has one listener for all of them, whatever their keys, and none once they have their answers', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    const { signal, count } = counted()
    const keys = Array.from({ length: 50 }, (_, key) => `key ${key}`)
    const singles = keys.flatMap(key => [cache.get(key, fetch, { signal }), cache.getFresh(key, fetch, { signal })])
    const many = cache.getMany(keys, () => new Map(), { signal })
    expect(count()).toBe(1)
    gate.open()
    await Promise.all([...singles, many])
    expect(count()).toBe(0)
  })

  it('makes the runtime warn of nothing', async () => {
    const warnings: unknown[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning.name)
    process.on('warning', onWarning)
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    const { signal } = new AbortController()
    const callers = Array.from({ length: 20 }, () => cache.get('k', fetch, { signal }))
    gate.open()
    await Promise.all(callers)
    await new Promise(resolve => setImmediate(resolve))
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })

  it('aborts all of them, of each flight, and ends flights without waiting callers', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    const controller = new AbortController()
    const { signal } = controller
    const callers = ['a', 'a', 'b'].map(key => cache.get(key, fetch, { signal }))
    const stayer = cache.get('b', fetch)
    controller.abort('bye')
    expect(await Promise.allSettled(callers)).toEqual(callers.map(() => ({ status: 'rejected', reason: 'bye' })))
    expect(cache.stats().flights).toBe(1)
    gate.open()
    expect(await stayer).toBe('run 2')
  })

  it('gets a new listener from a caller after the others had their answers', async () => {
    const { cache, gate, fetch } = setUp()
    const { controller, signal, count } = counted()
    gate.open()
    await cache.get('k', fetch, { signal })
    expect(count()).toBe(0)
    const late = cache.get('k', () => new Promise<never>(() => {}), { signal })
    expect(count()).toBe(1)
    controller.abort('bye')
    await expect(late).rejects.toBe('bye')
  })

  it('is left to the others when one of its callers has its answer', async () => {
    const { cache, gate, fetch } = setUp()
    const { controller, signal, count } = counted()
    const waiting = cache.get('slow', () => new Promise<never>(() => {}), { signal })
    gate.open()
    await cache.get('k', fetch, { signal })
    expect(count()).toBe(1)
    controller.abort('bye')
    await expect(waiting).rejects.toBe('bye')
  })
})

describe('a caller that cancels its listener', () => {
  it('may do so twice, and after the signal has aborted, without taking the listener from others', () => {
    const { controller, signal, count } = counted()
    const left: string[] = []
    const takeBack = onAbort(signal, () => left.push('one'))
    takeBack()
    onAbort(signal, () => left.push('other'))
    takeBack()
    expect(count()).toBe(1)
    controller.abort()
    takeBack()
    expect(left).toEqual(['other'])
  })
})
