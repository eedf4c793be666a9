import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand } from '../src/command.ts'
import type { Environment } from '../src/environment.ts'
import type { SuiteResult } from '../src/results.ts'
import type { Suite } from '../src/suite.ts'
import { growths, suites } from '../src/suites/index.ts'
import { costing, fakeClock, suiteOf } from './fakes.ts'

interface Written {
  readonly environment: Environment
  readonly rounds: number
  readonly suites: readonly SuiteResult[]
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const clock = fakeClock()
const fakeFloor = costing('floor', 10, clock)
/** A million entries for each contender are too much for a test. */
const quick = suites.filter(({ name }) => !/1e[56]/.test(name))

async function command(given: readonly string[], known: readonly Suite[], now: () => number = clock.now) {
  const printed: string[] = []
  const errors: string[] = []
  const print = (text: string): void => void printed.push(text)
  const printError = (text: string): void => void errors.push(text)
  const code = await runCommand(given, { suites: known, growths, now, print, printError })
  return { code, printed: printed.join('\n'), errors }
}

afterAll(() => rmSync(folder, { recursive: true }))

describe('the command', () => {
  it('runs every suite for real and writes all rounds of all contenders', async () => {
    const file = join(folder, 'new', 'bench.json')
    const { code, printed, errors } = await command(['--quick', '--json', file], quick, () => performance.now() * 1e6)
    expect({ code, errors }).toEqual({ code: 0, errors: [] })
    const written = JSON.parse(readFileSync(file, 'utf8')) as Written
    expect(written.environment).toMatchObject({
      node: process.versions.node,
      seed: 1,
      cores: expect.any(Number) as number,
    })
    expect(written.suites.map(({ name }) => name)).toEqual(quick.map(({ name }) => name))
    for (const [index, { lines, control, order }] of written.suites.entries()) {
      const { floor, rivals } = quick[index] ?? suiteOf(fakeFloor, [])
      const contenders = [floor, { ...floor, name: `${floor.name}, again` }, ...rivals]
      expect(lines.map(({ name }) => name)).toEqual(contenders.map(({ name }) => name))
      for (const { rounds, name } of lines) {
        expect(rounds).toHaveLength(3)
        expect(rounds.every(Number.isFinite)).toBe(true)
        expect(printed).toContain(name)
      }
      for (const [place, { version }] of lines.entries()) {
        const isPackage = contenders[place]?.package !== undefined
        expect(version ?? '').toMatch(isPackage ? /^\d+\.\d+\.\d+$/ : /^$/)
      }
      expect(control).toEqual(lines[1]?.ratio)
      expect(order).toHaveLength(3)
    }
  }, 60_000)

  it('runs only the suites that are asked for', async () => {
    const other: Suite = { ...suiteOf(fakeFloor, []), name: 'other' }
    const { code, printed } = await command(['--suite', 'other'], [suiteOf(fakeFloor, []), other])
    expect(code).toBe(0)
    expect(printed).toContain('other: two keys')
    expect(printed).not.toContain('fake: two keys')
  })

  it('prints help', async () => {
    expect(await command(['--help'], suites)).toMatchObject({
      code: 0,
      printed: expect.stringContaining('hit-zipf') as string,
    })
  })

  it('stops at wrong arguments with one sentence and nothing run', async () => {
    const { code, printed, errors } = await command(['--rounds', 'many'], suites)
    expect({ code, printed }).toEqual({ code: 2, printed: '' })
    expect(errors).toEqual(['--rounds got "many"; give it a whole number from 1 to 10000, as in --rounds 21.'])
  })

  it('stops at a file that cannot be written with nothing run', async () => {
    writeFileSync(join(folder, 'file'), '')
    const { code, printed, errors } = await command(['--json', join(folder, 'file', 'x.json')], suites)
    expect({ code, printed }).toEqual({ code: 2, printed: '' })
    expect(errors).toEqual([expect.stringMatching(/^--json got ".*", which cannot be written \(.*\); give it another/)])
  })

  it('fails at a wrong value, and keeps the file as it was', async () => {
    const file = join(folder, 'kept.json')
    writeFileSync(file, 'earlier')
    const liar = { name: 'liar', prepare: async () => ({ ask: () => 99 }) }
    const { code, printed, errors } = await command(['--json', file], [suiteOf(fakeFloor, [liar])])
    expect(code).toBe(1)
    expect(errors).toEqual(['fake: liar gave 99 for "a", not 1.'])
    expect(printed).not.toContain('x floor  ')
    expect(readFileSync(file, 'utf8')).toBe('earlier')
  })
})
