import { randomUUID } from 'node:crypto'
import type { FleetStage } from './stage.ts'
import { broken, counted, latencies, ms, quantile, together, type Told } from './told.ts'

/** A burst at all processes on a missing key. */
export async function coldScene(stage: FleetStage): Promise<Told> {
  const { members, share, origin } = stage
  const since = performance.now()
  const [first] = members
  // What a process does for the first time takes longer.
  const warm = randomUUID()
  await Promise.all(members.map(member => member.burst(share, warm)))
  const alone = await first?.burst(1, randomUUID())
  const nonce = randomUUID()
  const bursts = await Promise.all(members.map(member => member.burst(share, nonce)))
  const again = together(await Promise.all(members.map(member => member.burst(share, nonce))))
  const { requests, right, errors, times } = together(bursts)
  const runs = origin.log.of(nonce)
  return {
    isBusy: stage.wasBusy(since),
    title: `${requests} requests at once on a cold key, ${share} to each process`,
    lines: [
      `${counted(runs.length, 'run')} in the whole fleet, by ${runs.map(({ by }) => by).join(', ')}: ${right} right answers, ${counted(errors.length, 'error')}.`,
      `${latencies(times)}; one request alone took ${ms(quantile(alone?.times ?? [], 1))} ms.`,
      `The same again, from the memory of each: ${latencies(again.times)}. That is what so many requests cost anyway.`,
    ],
    broken: broken([
      { what: 'runs for one key', seen: runs.length, expected: 1 },
      { what: 'right answers', seen: right, expected: requests },
    ]),
  }
}
