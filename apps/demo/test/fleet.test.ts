import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CallLog } from '../src/call-log.ts'
import { play, runFleetDemo } from '../src/fleet/fleet-demo.ts'
import { FleetStage } from '../src/fleet/stage.ts'
import { broken, latencies, together, type Told } from '../src/fleet/told.ts'
import { builtMember } from './built-member.ts'

// Commands may take long: other tests keep the machine busy.
const figures = { requests: 40, latency: 100, outage: 1_500, timeout: 500 }

describe('the fleet', () => {
  it('of real processes keeps its promises, and says so', async () => {
    const printed: string[] = []
    const exitCode = await runFleetDemo(figures, builtMember, line => printed.push(line))
    const story = printed.join('\n')
    expect(story).toContain('Fastify (pid ')
    expect(story).toMatch(/1 run in the whole fleet, by [\w ]+: 40 right answers, 0 errors/)
    expect(story).toMatch(/took over \d+ ms after the kill/)
    expect(story).toMatch(/All 30 clients of the other processes: 30 right answers, 0 errors.* 2 runs in all/)
    expect(story).toMatch(/at most 1 run in any process/)
    expect(story).toContain('the fleet has it')
    expect(printed.at(-1)).toBe('Every promise was kept.')
    expect(exitCode).toBe(0)
  }, 300_000)

  it('fails with its reason where a process does not start', async () => {
    const program = join(dirname(builtMember), 'ends-at-once.mjs')
    writeFileSync(program, 'process.exit()')
    await expect(FleetStage.start(program, figures)).rejects.toThrow('The process of Fastify did not start.')
  })
})

describe('a scene', () => {
  it('that is not as promised makes the demo fail', async () => {
    const stage = {} as FleetStage
    const told: Told = {
      title: 'A scene',
      lines: ['what happened'],
      broken: ['runs: expected 1, saw 4.'],
      isBusy: false,
    }
    const printed: string[] = []
    expect(await play(stage, [() => Promise.resolve(told)], line => printed.push(line))).toBe(1)
    expect(printed).toEqual(['1. A scene\n   what happened\n', 'Not as promised: runs: expected 1, saw 4.'])
    expect(await play(stage, [() => Promise.resolve({ ...told, broken: [] })], () => {})).toBe(0)
  })

  it('is played again where the machine was busy, and three times at most', async () => {
    const stage = {} as FleetStage
    const busy: Told = { title: 'A scene', lines: [], broken: ['runs: expected 1, saw 4.'], isBusy: true }
    const left = [busy, { ...busy, broken: [] }]
    expect(await play(stage, [() => Promise.resolve(left.shift() ?? busy)], () => {})).toBe(0)
    expect(left).toEqual([])
    let plays = 0
    const always = (): Promise<Told> => {
      plays += 1
      return Promise.resolve(busy)
    }
    expect(await play(stage, [always], () => {})).toBe(1)
    expect(plays).toBe(3)
  })
})

describe('promises', () => {
  it('compare the exact value, or the maximum', () => {
    expect(
      broken([
        { what: 'runs', seen: 1, expected: 1 },
        { what: 'ms', seen: 9.6, expected: { atMost: 10 } },
        { what: 'told', seen: true, expected: true },
      ]),
    ).toEqual([])
    expect(
      broken([
        { what: 'runs', seen: 4, expected: 1 },
        { what: 'ms', seen: Number.POSITIVE_INFINITY, expected: { atMost: 10 } },
        { what: 'told', seen: false, expected: true },
        { what: 'wait', seen: Number.NaN, expected: { atMost: 10 } },
      ]),
    ).toEqual([
      'runs: expected 1, saw 4.',
      'ms: expected at most 10, saw Infinity.',
      'told: expected true, saw false.',
      'wait: expected at most 10, saw NaN.',
    ])
  })

  it('are held against all bursts of a moment as one', () => {
    const burst = { requests: 2, right: 1, errors: ['reset'], mismatches: [], times: [3, 9] }
    const both = together([burst, { ...burst, times: [1, 2] }])
    expect(both).toEqual({ requests: 4, right: 2, errors: ['reset', 'reset'], mismatches: [], times: [1, 2, 3, 9] })
    expect(latencies(both.times)).toBe('p50 3, p99 9, max 9 ms')
  })
})

describe('the log of calls', () => {
  it('reports the first call with a nonce, past or future', async () => {
    const log = new CallLog()
    const first = log.first('n')
    log.add('other', 'x')
    expect(log.add('n', 'a')).toBe(1)
    expect(log.add('n', 'b')).toBe(2)
    expect((await first).by).toBe('a')
    expect((await log.first('n')).by).toBe('a')
    expect(log.of('n').map(({ by }) => by)).toEqual(['a', 'b'])
  })
})
