import { describe, expect, it } from 'vitest'
import { suiteResult } from '../src/results.ts'
import { table } from '../src/table.ts'

const shared = { version: undefined, allowance: undefined, target: undefined, operations: 8 }

const result = suiteResult({
  name: 'fake',
  about: 'two keys',
  order: [],
  measured: [
    { ...shared, name: 'floor', role: 'floor', allowance: 'it has no bound', rounds: [10, 10, 20] },
    { ...shared, name: 'floor, again', role: 'control', allowance: 'it has no bound', rounds: [10, 11, 24] },
    { ...shared, name: 'peer', role: 'rival', version: '1.2.3', allowance: 'it is sync', rounds: [20, 25, 60] },
  ],
})

describe('the table', () => {
  it('shows a target only if a suite has one, and whether the median reaches it', () => {
    const lines = result.lines.map(line => (line.name === 'peer' ? { ...line, target: 2.5 } : line))
    const rows = (text: string): string[] => text.split('\n').slice(2, 7)
    const plain = rows(table(result))
    const width = plain[0]?.length ?? 0
    const cells = ['    target', '----------', '', '', '<= 2.5 met']
    expect(rows(table({ ...result, lines }))).toEqual(
      plain.map((row, index) => `${row.padEnd(width)}  ${cells[index]}`.trimEnd()),
    )
    expect(table({ ...result, lines: lines.map(line => ({ ...line, target: line.target && 2.4 })) })).toContain(
      '<= 2.4 missed',
    )
  })

  it('shows the control pair beside every ratio', () => {
    expect(table(result).split('\n')).toEqual([
      'fake: two keys',
      '',
      'contender     version  ns/op      q1..q3    min..max  x floor      q1..q3  control      q1..q3',
      '------------  -------  -----  ----------  ----------  -------  ----------  -------  ----------',
      'floor         -         10.0  10.0..15.0  10.0..20.0    floor',
      'floor, again  -         11.0  10.5..17.5  10.0..24.0     1.10  1.05..1.15     1.10  1.05..1.15',
      'peer          1.2.3     25.0  22.5..42.5  20.0..60.0     2.50  2.25..2.75     1.10  1.05..1.15',
      '',
      'Allow for floor: it has no bound.',
      'Allow for peer: it is sync.',
    ])
  })
})
