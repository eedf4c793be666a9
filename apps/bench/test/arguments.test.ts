import { describe, expect, it } from 'vitest'
import { parseArguments, usage } from '../src/arguments.ts'

const known = ['one', 'two', 'three']

describe('arguments', () => {
  it('default to every suite and 21 rounds', () => {
    expect(parseArguments([], known)).toEqual({ kind: 'run', rounds: 21, target: 40e6, suites: known, json: undefined })
  })

  it('name rounds, suites and a file', () => {
    const given = ['--', '--rounds', '5', '--suite', 'three,one', '--suite=one', '--json', 'out.json']
    expect(parseArguments(given, known)).toMatchObject({ rounds: 5, suites: ['one', 'three'], json: 'out.json' })
  })

  it('make a quick run short, though not shorter than asked for', () => {
    expect(parseArguments(['--quick'], known)).toMatchObject({ rounds: 3, target: 1e6 })
    expect(parseArguments(['--quick', '--rounds', '4'], known)).toMatchObject({ rounds: 4, target: 1e6 })
  })

  it.each([['--help'], ['-h']])('%s asks for help', given => {
    expect(parseArguments([given], known)).toEqual({ kind: 'help' })
    for (const name of known) expect(usage(known)).toContain(name)
  })

  it.each([
    [['--rounds'], '--rounds got nothing; give it a whole number from 1 to 10000, as in --rounds 21.'],
    [['--rounds', '0'], '--rounds got "0"; give it a whole number from 1 to 10000, as in --rounds 21.'],
    [['--rounds', '2e1'], '--rounds got "2e1"; give it a whole number from 1 to 10000, as in --rounds 21.'],
    [['--rounds', '--quick'], '--rounds got "--quick"; give it a whole number from 1 to 10000, as in --rounds 21.'],
    [
      ['--rounds', 'x', '--rounds', '3'],
      '--rounds got "x"; give it a whole number from 1 to 10000, as in --rounds 21.',
    ],
    [['--suite'], '--suite got nothing; give it one or more of one, two, three, with commas between them.'],
    [['--suite', 'one,'], '--suite got "one,"; give it one or more of one, two, three, with commas between them.'],
    [['--suite', 'four'], '--suite got "four"; give it one or more of one, two, three, with commas between them.'],
    [['--json'], '--json got nothing; give it the name of a file, as in --json reports/bench.json.'],
    [['--json', '--quick'], '--json got "--quick"; give it the name of a file, as in --json reports/bench.json.'],
    [['--quick=yes'], '--quick got "yes"; write it without a value.'],
    [['--round', '3'], '--round is no option; see --help for those there are.'],
    [['three'], '"three" is no option; see --help for those there are.'],
  ])('%j is wrong', (given, problem) => {
    expect(parseArguments(given, known)).toEqual({ kind: 'wrong', problem })
  })
})
