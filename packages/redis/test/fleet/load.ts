import type { Stampede } from '@stampede/core'
import { elapse } from '../../../conformance/src/real-time.ts'
import type { Changed, Fetched, LoadCommand, Loaded, Seen, ToldError } from './protocol.ts'

/** Of the machine, the same in all its processes; milliseconds. */
export function machineTime(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}

/** Of this process, over all its loads: what one yields is to be told from what any other does. */
let fetches = 0

/** Callers that get keys at random, and change them now and then, until the time is over. */
export async function runLoad(cache: Stampede, command: LoadCommand): Promise<Loaded> {
  const loaded = { seen: [] as Seen[], fetched: [] as Fetched[], changed: [] as Changed[], errors: [] as ToldError[] }
  const end = performance.now() + command.ms
  const draw = drawsFrom(command.seed)
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      const key = `key ${Math.floor(draw() * command.keys)}`
      if (draw() < command.changes) await change(cache, key, loaded.changed)
      else await get(cache, key, command.fetchMs, loaded)
      await elapse(command.pauseMs * 2 * draw())
    }
  }
  await Promise.all(Array.from({ length: command.callers }, caller))
  return loaded
}

async function change(cache: Stampede, key: string, changed: Changed[]): Promise<void> {
  const calledAt = machineTime()
  const { fleet } = await cache.delete(key)
  changed.push({ key, calledAt, doneAt: machineTime(), fleet })
}

interface Lists {
  readonly seen: Seen[]
  readonly fetched: Fetched[]
  readonly errors: ToldError[]
}

async function get(cache: Stampede, key: string, fetchMs: number, { seen, fetched, errors }: Lists): Promise<void> {
  const askedAt = machineTime()
  try {
    const value = await cache.get(key, async () => {
      fetches += 1
      const made = { key, value: `${process.pid} ${fetches}`, beganAt: machineTime() }
      fetched.push(made)
      await elapse(fetchMs)
      return made.value
    })
    seen.push({ key, value, askedAt, took: machineTime() - askedAt })
  } catch (error) {
    errors.push({ name: 'Error', message: String(error), code: undefined })
  }
}

/** Mulberry32: the same draws for the same seed. */
export function drawsFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
