import { setTimeout as sleep } from 'node:timers/promises'
import { CallTally } from './call-tally.ts'
import { plainKey, type Subject, TAG, taggedKey } from './contender.ts'
import type { Answers, Arrivals, Burst, Filling, Hit, Hits, JobName, Jobs, Member } from './jobs.ts'

type Handlers = { readonly [Name in JobName]: (asked: Jobs[Name]['asked']) => Promise<Jobs[Name]['told']> }

const MILLISECONDS = 1_000
/** Values that are stored at once. */
const FILLED_AT_ONCE = 200

/** Does the jobs in this very process. */
export function memberOf(subject: Subject): Member {
  const handlers = handlersOf(subject)
  return {
    ask: (name, asked) => handlers[name](asked),
    close: async () => void (await subject.close()),
  }
}

function handlersOf(subject: Subject): Handlers {
  let begun: Promise<Answers> | undefined
  return {
    burst: asked => burst(subject, asked),
    begin: asked =>
      new Promise((resolve, reject) => {
        begun = burst(subject, asked, () => resolve(undefined))
        begun.catch(reject)
      }),
    finish: () => begun ?? Promise.reject(new Error('nothing was begun')),
    read: ({ key, value }) => subject.get(key, async () => value),
    invalidate: async ({ key }) => void (await subject.invalidate(key)),
    arrivals: asked => arrivals(subject, asked),
    fill: asked => fill(subject, asked),
    invalidateTag: () => invalidateTag(subject),
    hits: asked => hits(subject, asked),
  }
}

async function burst(subject: Subject, asked: Burst, onFetch: () => void = () => {}): Promise<Answers> {
  const { key, value, callers, fetchMs } = asked
  const tally = new CallTally(fetchMs, onFetch)
  await Promise.all(Array.from({ length: callers }, () => tally.call(subject, key, value)))
  return tally.answers()
}

async function arrivals(subject: Subject, { prefix, ms, everyMs, fetchMs }: Arrivals): Promise<Answers> {
  const tally = new CallTally(fetchMs)
  const calls: Promise<void>[] = []
  const began = performance.now()
  for (let nth = 0; nth * everyMs < ms; nth += 1) {
    // A late timer is compensated: every caller waits.
    await sleep(Math.max(0, began + nth * everyMs - performance.now()))
    const key = `${prefix}:${nth}`
    calls.push(tally.call(subject, key, key))
  }
  await Promise.all(calls)
  return tally.answers()
}

async function fill(subject: Subject, { from, to, bytes, isTagged }: Filling): Promise<undefined> {
  const keyOf = isTagged ? taggedKey : plainKey
  const value = 'x'.repeat(bytes)
  for (let next = from; next < to; next += FILLED_AT_ONCE) {
    const indexes = Array.from({ length: Math.min(FILLED_AT_ONCE, to - next) }, (_, at) => next + at)
    await Promise.all(indexes.map(index => subject.get(keyOf(index), async () => value)))
  }
}

async function invalidateTag(subject: Subject): Promise<number> {
  const began = performance.now()
  await subject.invalidateTag?.(TAG)
  return performance.now() - began
}

async function hits(subject: Subject, { keys, bytes, atOnce, ms }: Hits): Promise<Hit> {
  const list = Array.from({ length: keys }, (_, index) => plainKey(index))
  let done = 0
  const cpuBefore = process.cpuUsage()
  const began = performance.now()
  const end = began + ms
  const oneAfterAnother = async (): Promise<void> => {
    while (performance.now() < end) {
      const key = list[done % keys] ?? ''
      done += 1
      const value = await subject.get(key, missed)
      if (value.length !== bytes) throw new Error(`a value of ${value.length} characters, not ${bytes}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, oneAfterAnother))
  const took = performance.now() - began
  const { user, system } = process.cpuUsage(cpuBefore)
  return { hits: done, cpu: (user + system) / done, hitsPerSecond: (done / took) * MILLISECONDS }
}

function missed(): Promise<string> {
  return Promise.reject(new Error('a value was to be there, and is not'))
}
