import { setTimeout as sleep } from 'node:timers/promises'
import { grid } from '../../grid.ts'
import type { Measuring, Shown, ShownSuite } from '../../shown-suite.ts'
import { summary } from '../../statistics.ts'
import { verdict } from '../../target.ts'
import { LEASE, stampede } from '../contenders/index.ts'
import type { Answers, Burst } from '../jobs.ts'
import { Stage } from '../stage.ts'
import type { WorkerProcess } from '../worker-process.ts'

const CALLERS = 250
const WAITING_PROCESSES = 3
const FETCH = 200
/** What the last caller may wait beyond the rest of the lease and a whole fetch, milliseconds. */
const BEYOND = 100
const MOST_TRIES = 8
const HEAD = ['leader', 'tries', 'fetches of others', 'errors', 'last done ms', 'q1..q3', 'max', 'beyond ms', 'target']
/** The commit runs behind the callers' answers. */
const BEHIND = 100

/** A try in which the leader dies. */
interface Killed {
  /** From its death to the last caller's answer. */
  readonly lastDone: number
  /** The same without the rest of its lease and a fetch. */
  readonly beyond: number
  readonly fetches: number
  readonly errors: number
}

/** A try in which the leader stands still until others have its work done, and then goes on. */
interface Stopped {
  /** Whether all processes have the successor's value, and none the leader's. */
  readonly isFenced: boolean
  readonly fetches: number
  readonly errors: number
}

export interface LeaderResult {
  readonly killed: readonly Killed[]
  readonly stopped: readonly Stopped[]
}

export const leader: ShownSuite = {
  name: 'leader',
  run: measuring => Stage.with(stage => run(stage, measuring)),
}

async function run(stage: Stage, { rounds }: Measuring): Promise<Shown> {
  const others = await stage.processes(stampede, WAITING_PROCESSES)
  const result = { killed: [] as Killed[], stopped: [] as Stopped[] }
  // One that does not count: it warms up.
  await Promise.all(others.map(each => each.ask('burst', burstOf('warm', 'warm'))))
  for (let nth = 0; nth < Math.min(rounds, MOST_TRIES); nth += 1) {
    result.killed.push(await killedOnce(await stage.process(stampede), others, `killed:${nth}`))
    result.stopped.push(await stoppedOnce(await stage.process(stampede), others, `stopped:${nth}`))
  }
  return { text: leaderTable(result), result: { name: 'leader', ...result } }
}

async function killedOnce(led: WorkerProcess, others: readonly WorkerProcess[], key: string): Promise<Killed> {
  const { waiting, leftOfLease } = await atHalf(led, others, key)
  led.signal('SIGKILL')
  const died = performance.now()
  const { fetches, errors } = sumOf(await waiting)
  const lastDone = performance.now() - died
  return { lastDone, beyond: lastDone - leftOfLease - FETCH, fetches, errors }
}

async function stoppedOnce(led: WorkerProcess, others: readonly WorkerProcess[], key: string): Promise<Stopped> {
  const { waiting } = await atHalf(led, others, key)
  led.signal('SIGSTOP')
  const { fetches, errors } = sumOf(await waiting)
  led.signal('SIGCONT')
  const own = await led.ask('finish', undefined)
  await sleep(BEHIND)
  const values = await Promise.all([led, ...others].map(each => each.ask('read', { key, value: 'nobody knew' })))
  await led.close()
  return { isFenced: values.every(value => value === ofOthers(key)), fetches, errors: errors + own.errors }
}

/** Half of the leader's fetch has gone by, and the callers of all others wait for it. */
async function atHalf(
  led: WorkerProcess,
  others: readonly WorkerProcess[],
  key: string,
): Promise<{ readonly waiting: Promise<readonly Answers[]>; readonly leftOfLease: number }> {
  await led.ask('begin', burstOf(key, `${key} of the leader`))
  const began = performance.now()
  const waiting = Promise.all(others.map(each => each.ask('burst', burstOf(key, ofOthers(key)))))
  await sleep(FETCH / 2)
  return { waiting, leftOfLease: LEASE - (performance.now() - began) }
}

function burstOf(key: string, value: string): Burst {
  return { key, value, callers: CALLERS, fetchMs: FETCH }
}

function ofOthers(key: string): string {
  return `${key} of another`
}

function sumOf(answers: readonly Answers[]): Pick<Answers, 'fetches' | 'errors'> {
  const sum = (of: 'fetches' | 'errors'): number => answers.reduce((total, answer) => total + answer[of], 0)
  return { fetches: sum('fetches'), errors: sum('errors') }
}

export function leaderTable({ killed, stopped }: LeaderResult): string {
  const lastDone = summary(killed.map(each => each.lastDone))
  const beyond = summary(killed.map(each => each.beyond))
  const fenced = stopped.filter(({ isFenced }) => isFenced).length
  const rows = [
    [
      'killed at half of its fetch',
      `${killed.length}`,
      ...countsOf(killed),
      lastDone.median.toFixed(0),
      `${lastDone.q1.toFixed(0)}..${lastDone.q3.toFixed(0)}`,
      lastDone.max.toFixed(0),
      beyond.median.toFixed(0),
      verdict(beyond.median, { atMost: BEYOND }),
    ],
    [
      'stopped there, and continued',
      `${stopped.length}`,
      ...countsOf(stopped),
      '',
      '',
      '',
      '',
      `fenced ${fenced} of ${stopped.length} ${fenced === stopped.length ? 'met' : 'missed'}`,
    ],
  ]
  const title =
    `leader: ${1 + WAITING_PROCESSES} processes, ${CALLERS} callers in each, a lease of ${LEASE} ms, a fetch of ${FETCH} ms; ` +
    'beyond: what the last caller waited longer than the rest of the lease and a fetch'
  return `${title}\n\n${grid([HEAD, ...rows], 1)}`
}

function countsOf(tries: readonly Pick<Answers, 'fetches' | 'errors'>[]): [string, string] {
  const fetches = summary(tries.map(each => each.fetches))
  const errors = tries.reduce((sum, each) => sum + each.errors, 0)
  return [fetches.min === fetches.max ? `${fetches.max}` : `${fetches.min}..${fetches.max}`, `${errors}`]
}
