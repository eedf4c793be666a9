import { randomUUID } from 'node:crypto'
import { setTimeout as elapse } from 'node:timers/promises'
import { SLACK } from './death-scene.ts'
import type { MemberProcess } from './member-process.ts'
import type { FleetStage } from './stage.ts'
import { broken, counted, ms, type Told } from './told.ts'

/** The default of `redisStore`: how often the log of changes is read where no message came. */
const HEARTBEAT = 1_000

/** One process invalidates a path that all have in memory. */
export async function invalidationScene(stage: FleetStage): Promise<Told> {
  const { members, origin, figures } = stage
  const since = performance.now()
  const nonce = randomUUID()
  const ask = (member: MemberProcess): Promise<number | undefined> => member.call(nonce)
  const warm = await Promise.all(members.map(ask))
  const [issuer] = members
  const at = performance.now()
  const isKnown = await issuer?.invalidate('/report')
  const acknowledgedAt = performance.now()
  const fresh = await Promise.all(members.map(member => untilNew(member, nonce, acknowledgedAt)))
  const last = Math.max(...fresh)
  const runs = origin.log.of(nonce).length
  return {
    isBusy: stage.wasBusy(since),
    title: `${issuer?.name ?? ''} invalidates /report, which all have in memory`,
    lines: [
      `Acknowledged after ${ms(acknowledgedAt - at)} ms; the fleet ${isKnown === true ? 'has' : 'does not have'} it.`,
      `From then on every process had the new answer, the last of them ${ms(last)} ms later, with a handler of ${figures.latency} ms: ${counted(runs - 1, 'run')} for all of them.`,
    ],
    broken: broken([
      { what: 'answers of the first run', seen: warm.filter(call => call === 1).length, expected: members.length },
      { what: 'the fleet has the invalidation', seen: isKnown === true, expected: true },
      { what: 'runs before and after', seen: runs, expected: 2 },
      {
        what: 'ms until all were fresh',
        seen: last,
        expected: { atMost: HEARTBEAT + figures.latency + SLACK },
      },
    ]),
  }
}

/** How long it took, since it was acknowledged, until a process had the answer from after it. */
async function untilNew(member: MemberProcess, nonce: string, since: number): Promise<number> {
  while (performance.now() < since + 2 * HEARTBEAT + SLACK) {
    const call = await member.call(nonce)
    if (call === 2) return performance.now() - since
    await elapse(1)
  }
  return Number.POSITIVE_INFINITY
}
