import { randomUUID } from 'node:crypto'
import { setTimeout as elapse } from 'node:timers/promises'
import type { FleetStage } from './stage.ts'
import { broken, counted, latencies, ms, quantile, together, type Told } from './told.ts'

/** The default of `redisStore`: how long others wait for a process that says nothing any more. */
export const LEASE = 1_000
/** What a busy machine may take for all else. */
export const SLACK = 1_000

/** The process that runs the handler dies in the middle of that. */
export async function deathScene(stage: FleetStage): Promise<Told> {
  const { members, share, origin, figures } = stage
  const since = performance.now()
  const nonce = randomUUID()
  const fired = members.map(async member => ({ member, burst: await member.burst(share, nonce) }))
  const led = await origin.log.first(nonce)
  await elapse(figures.latency / 2)
  const leader = stage.named(led.by)
  const killedAt = performance.now()
  await leader.kill()
  const bursts = await Promise.all(fired)
  const others = together(bursts.filter(({ member }) => member !== leader).map(({ burst }) => burst))
  const [, next] = origin.log.of(nonce)
  const tookOver = next === undefined ? Number.POSITIVE_INFINITY : next.at - killedAt
  const back = await stage.replace(leader)
  const call = await back.call(nonce)
  const runs = origin.log.of(nonce).length
  return {
    isBusy: stage.wasBusy(since),
    title: `The leader dies: SIGKILL, ${ms(killedAt - led.at)} ms into a handler of ${figures.latency} ms`,
    lines: [
      `${leader.name} (pid ${leader.pid}) led, with ${counted(share, 'client')} of its own: those are cut off, whatever anybody does.`,
      `${next?.by ?? 'Nobody'} took over ${ms(tookOver)} ms after the kill: a lease that is not renewed ends within ${LEASE} ms.`,
      `All ${others.requests} clients of the other processes: ${others.right} right answers, ${counted(others.errors.length, 'error')}, ${latencies(others.times)}; ${counted(runs, 'run')} in all.`,
      `${back.name}, started anew, answered from the store at once: call ${String(call)}, no further run.`,
    ],
    broken: broken([
      { what: 'runs with one leader killed', seen: runs, expected: 2 },
      { what: 'right answers of those who live', seen: others.right, expected: others.requests },
      { what: 'ms until somebody took over', seen: tookOver, expected: { atMost: LEASE + SLACK } },
      {
        what: 'ms until the last one was answered',
        seen: quantile(others.times, 1),
        expected: { atMost: LEASE + 2 * figures.latency + 3 * SLACK },
      },
      { what: 'the call that a new process answered from', seen: call ?? 0, expected: 2 },
    ]),
  }
}
