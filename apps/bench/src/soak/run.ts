import { getEventListeners, setMaxListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { random } from '../random.ts'
import { Callers } from './callers.ts'
import { Gates } from './gates.ts'
import { operations, type Soaked } from './operations.ts'
import { picker } from './pick.ts'
import { subjectOf } from './subject.ts'
import { valueOf } from './value.ts'
import type { Evidence, Sample } from './verdict.ts'

/** What a soak is asked for, and how it measures. */
export interface SoakSettings {
  readonly operations: number
  readonly seed: number
  /** Bytes in use after a garbage collection. */
  readonly heap: () => number
}

const KEYS = 2_000
/** Samples, the last at the end. */
const SAMPLES = 5
/** Operations between two turns of the event loop. */
const PER_TURN = 50
const OPEN_GATES = 100
/** Turns in which what has been let go on comes to its end. */
const DRAIN_TURNS = 20
/** The popular keys are asked for far more often than the others. */
const SKEW = 3

/** Runs the operations on one cache, and returns what they left behind. */
export async function soak(settings: SoakSettings): Promise<Evidence> {
  const callers = new Callers()
  setMaxListeners(0, callers.longLived)
  const keys = Array.from({ length: KEYS }, (_, index) => `soak:${index}`)
  const soaked: Soaked = { ...subjectOf(), callers, keys, gates: new Gates(), next: random(settings.seed) }
  const unhandled: string[] = []
  const onRejection = (reason: unknown): void => void unhandled.push(String(reason))
  process.on('unhandledRejection', onRejection)
  try {
    const samples = await sampled(soaked, settings)
    const { flights } = soaked.cache.stats()
    const listeners = getEventListeners(callers.longLived, 'abort').length
    await soaked.later.close?.()
    await setImmediate()
    return { samples, flights, unhandled, listeners, surprises: callers.surprises }
  } finally {
    process.off('unhandledRejection', onRejection)
  }
}

async function sampled(soaked: Soaked, settings: SoakSettings): Promise<Sample[]> {
  const samples: Sample[] = []
  let done = 0
  for (let nth = 1; nth <= SAMPLES; nth += 1) {
    const due = Math.round((settings.operations * nth) / SAMPLES)
    await work(soaked, due - done)
    done = due
    await settle(soaked)
    const { entries, flights } = soaked.cache.stats()
    samples.push({ operations: done, heap: settings.heap(), entries, flights })
  }
  return samples
}

async function work(soaked: Soaked, count: number): Promise<void> {
  const { callers, gates, keys, next } = soaked
  const pick = picker(operations, next)
  for (let done = 1; done <= count; done += 1) {
    const key = keys[Math.floor(keys.length * next() ** SKEW)] ?? ''
    pick()(soaked, key)
    if (done % PER_TURN !== 0) continue
    await setImmediate()
    callers.leave()
    gates.release(OPEN_GATES)
  }
}

/** Ends every fetch and fills the cache, so that each sample is taken of the same state. */
async function settle({ cache, callers, gates, keys }: Soaked): Promise<void> {
  for (let turn = 0; turn < DRAIN_TURNS; turn += 1) {
    callers.leave()
    gates.release(0)
    await setImmediate()
  }
  await cache.clear()
  for (const key of keys) await cache.set(key, valueOf(key))
}
