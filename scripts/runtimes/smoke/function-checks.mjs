import { Stampede, TimeoutError } from '../../../packages/core/dist/index.js'
import { equal, gate, rejection, testClock } from './assert.mjs'

const TTL = 5_000

/** A cache whose clock stands still, and a fetch that counts its runs and is held until its gate opens. */
function setUp(options) {
  const clock = testClock()
  const { open, passed } = gate()
  let runs = 0
  const fetch = async () => {
    runs += 1
    const run = runs
    await passed
    return run
  }
  return { cache: new Stampede({ clock, ttl: TTL, ...options }), clock, open, fetch, runs: () => runs }
}

async function coalesces() {
  const { cache, open, fetch, runs } = setUp({})
  const callers = Array.from({ length: 1000 }, () => cache.get('k', fetch))
  open()
  equal([...new Set(await Promise.all(callers))], [1])
  equal(runs(), 1)
}

async function expires() {
  const { cache, clock, open, fetch } = setUp({})
  open()
  equal(await cache.get('k', fetch), 1)
  clock.advance(TTL - 1)
  equal(await cache.get('k', fetch), 1)
  clock.advance(1)
  equal(await cache.get('k', fetch), 2)
}

async function refreshesBehind() {
  const { cache, clock, open, fetch } = setUp({ staleWhileRevalidate: TTL })
  open()
  await cache.get('k', fetch)
  clock.advance(TTL)
  equal(await cache.get('k', fetch), 1)
  equal(await cache.refresh('k', fetch), 2)
  equal(await cache.get('k', fetch), 2)
  equal(cache.stats().staleHits, 1)
}

async function timesOut() {
  const { cache, clock, fetch } = setUp({ timeout: 100 })
  let signal
  const caller = cache.get('k', context => {
    signal = context.signal
    return fetch()
  })
  clock.advance(100)
  const error = await rejection(caller)
  equal([error instanceof TimeoutError, error.name, signal.aborted], [true, 'TimeoutError', true])
  equal(await cache.get('k', () => 'free'), 'free')
}

async function timesOutByTheRuntimesTimers() {
  const cache = new Stampede({ timeout: 20 })
  const error = await rejection(cache.get('k', () => new Promise(() => {})))
  equal(error.name, 'TimeoutError')
  equal(await cache.get('k', () => 'free'), 'free')
}

async function letsOneCallerLeave() {
  const { cache, open, fetch } = setUp({})
  const controller = new AbortController()
  const leaving = cache.get('k', fetch, { signal: controller.signal })
  const staying = cache.get('k', fetch)
  controller.abort('bye')
  equal(await rejection(leaving), 'bye')
  open()
  equal(await staying, 1)
}

async function abortsTheFetchOfNobody() {
  const { cache } = setUp({})
  const controller = new AbortController()
  let signal
  const hangs = context => {
    signal = context.signal
    return new Promise(() => {})
  }
  const leaving = cache.get('k', hangs, { signal: controller.signal })
  controller.abort('bye')
  equal([await rejection(leaving), signal.reason, cache.stats().flights], ['bye', 'bye', 0])
}

async function sharesTheError() {
  const { cache } = setUp({})
  const down = new Error('down')
  const fetch = () => Promise.reject(down)
  const reasons = await Promise.all([rejection(cache.get('k', fetch)), rejection(cache.get('k', fetch))])
  equal([reasons.every(reason => reason === down), cache.stats().fetches, cache.stats().entries], [true, 1, 0])
}

async function isFenced(change, expected) {
  const { cache, open, fetch } = setUp({})
  const before = cache.get('k', fetch)
  await change(cache)
  open()
  equal(await before, 1)
  equal(cache.peek('k')?.value, expected)
}

/** Name and check: one passes if it resolves. */
export const functionChecks = {
  '1000 callers share one fetch': coalesces,
  'a value lives for its ttl': expires,
  'a stale value is returned while one refresh runs': refreshesBehind,
  'a fetch that takes too long is timed out, aborted and off its key': timesOut,
  'without a clock the timers of the runtime end a fetch': timesOutByTheRuntimesTimers,
  'a caller leaves by its signal, the others stay': letsOneCallerLeave,
  'a fetch that nobody waits for is aborted': abortsTheFetchOfNobody,
  'all callers get the very error, and it is not stored': sharesTheError,
  'delete fences what is in flight': () => isFenced(cache => cache.delete('k'), undefined),
  'set fences what is in flight': () => isFenced(cache => cache.set('k', 'set'), 'set'),
}
