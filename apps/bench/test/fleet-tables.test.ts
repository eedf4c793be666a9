import { describe, expect, it } from 'vitest'
import { alone, bentocache, rawGet, stampede } from '../src/fleet/contenders/index.ts'
import { laneOf } from '../src/fleet/lanes.ts'
import { burstOf, coldTable } from '../src/fleet/suites/cold.ts'
import { httpHitTable } from '../src/fleet/suites/http-hit.ts'
import { invalidationTable } from '../src/fleet/suites/invalidation.ts'
import { leaderTable } from '../src/fleet/suites/leader.ts'
import { outageTable } from '../src/fleet/suites/outage.ts'
import { sharedTable } from '../src/fleet/suites/shared-hit.ts'
import { tagsTable } from '../src/fleet/suites/tags.ts'

const burst = { fetches: 1, p50: 207, p99: 230, max: 240, errors: 0 }

describe('the table of', () => {
  it('a cold key', () => {
    const slow = { ...burst, fetches: 2, p99: 270 }
    const text = coldTable([
      { lane: laneOf(stampede), bursts: [burst, slow, slow] },
      { lane: laneOf(alone), bursts: [{ ...burst, fetches: 4 }] },
    ])
    expect(text).toMatch(/Stampede .* 1\.\.2 .* 270 .*<= 1 missed, p99 <= 260 missed/)
    expect(text).toMatch(/Stampede, no store .* 4 +207 .* 0\n?$/m)
    expect(coldTable([{ lane: laneOf(stampede), bursts: [burst] }])).toContain('<= 1 met, p99 <= 260 met')
  })

  it('leaders', () => {
    const killed = { lastDone: 1115, beyond: 15, fetches: 1, errors: 0 }
    const stopped = { isFenced: true, fetches: 1, errors: 0 }
    const text = leaderTable({ killed: [killed, { ...killed, beyond: 120 }], stopped: [stopped, stopped] })
    expect(text).toMatch(/killed at half of its fetch +2 +1 +0 +1115 .* 68 +<= 100 met/)
    expect(text).toContain('fenced 2 of 2 met')
    expect(leaderTable({ killed: [], stopped: [{ ...stopped, isFenced: false }] })).toContain('fenced 0 of 1 missed')
  })

  it('outages', () => {
    const lines = [{ lane: laneOf(stampede), outages: [{ ...burst, p99: 131, errors: 1, callers: 1200 }] }]
    expect(outageTable('hung', 3_000, lines)).toMatch(/Stampede .*1200 .*p99 <= 140 met, errors <= 0 missed/)
    expect(outageTable('killed', 3_000, lines)).toContain('killed: the server is killed')
  })

  it('invalidations', () => {
    const lines = [
      { lane: laneOf(stampede), fresh: [true, true] },
      { lane: laneOf(bentocache), fresh: [false, true] },
    ]
    const text = invalidationTable(lines)
    expect(text).toContain('fresh 2 of 2 met')
    expect(text).toMatch(/bentocache +[\d.]+ +2 +1 +1\n/)
    expect(text).toContain('Allow for bentocache: ')
  })

  it('tags', () => {
    const lines = [{ lane: laneOf(stampede), few: [2, 1, 3], many: [4, 5, 6] }]
    expect(tagsTable(lines, 101_000)).toMatch(/ms at 101000 .*\n.*\n.* 2\.0 +5\.0 +2\.5 +<= 10 met/)
  })

  it('hits in Redis, each over its own client in the same round', () => {
    const hit = (cpu: number) => ({ hits: 1, cpu, hitsPerSecond: 1_000 })
    const floor = rawGet.name
    const text = sharedTable([
      { lane: { ...laneOf(rawGet), floor }, hits: [hit(10), hit(20)] },
      { lane: { name: `${floor}, again`, contender: rawGet, floor }, hits: [hit(11), hit(22)] },
      { lane: { ...laneOf(stampede), floor }, hits: [hit(15), hit(30)] },
    ])
    expect(text).toMatch(/Stampede .* 22\.5 .* 1\.50 .* 1\.10 +<= 2 met/)
  })

  it('responses in Redis', () => {
    const sample = (cpu: number) => ({ requestsPerSecond: 1_000, cpu })
    const text = httpHitTable([
      { name: 'bare handler', samples: [sample(10)] },
      { name: 'bare handler, again', samples: [sample(11)] },
      { name: 'hit in Redis', samples: [sample(30)] },
    ])
    expect(text).toMatch(/hit in Redis +1000 +30\.0 .* 3\.00 .* 1\.10/)
  })
})

it('a burst sums the figures of its processes', () => {
  const answers = [
    { times: [1, 2], fetches: 1, errors: 0 },
    { times: [3], fetches: 0, errors: 1 },
  ]
  const { p99, ...rest } = burstOf(answers)
  expect(p99).toBeCloseTo(2.98)
  expect(rest).toEqual({ fetches: 1, p50: 2, max: 3, errors: 1 })
})
