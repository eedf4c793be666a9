import { grid } from './grid.ts'
import type { Line, SuiteResult } from './results.ts'
import type { Summary } from './statistics.ts'
import { verdict } from './target.ts'

const HEAD = ['contender', 'version', 'ns/op', 'q1..q3', 'min..max', 'x floor', 'q1..q3', 'control', 'q1..q3']

const TARGET = 'target'

/** A suite as a table of text, with what to allow for underneath. */
export function table({ name, about, control, lines }: SuiteResult): string {
  const title = `${name}: ${about}`
  const allowances = lines.flatMap(allowanceOf)
  const hasTargets = lines.some(({ target }) => target !== undefined)
  const rows = lines.map(line => [...cellsOf(line, control), ...(hasTargets ? [targetCell(line)] : [])])
  return [title, '', grid([hasTargets ? [...HEAD, TARGET] : HEAD, ...rows]), '', ...allowances].join('\n')
}

function cellsOf({ name, version, nanoseconds, ratio }: Line, control: Summary): string[] {
  const figures = [name, version ?? '-', ...cellsOfSummary(nanoseconds, 1), span(nanoseconds.min, nanoseconds.max, 1)]
  if (ratio === undefined) return [...figures, 'floor', '', '', '']
  return [...figures, ...cellsOfSummary(ratio, 2), ...cellsOfSummary(control, 2)]
}

function targetCell({ target, ratio }: Line): string {
  return target === undefined || ratio === undefined ? '' : verdict(ratio.median, { atMost: target })
}

function cellsOfSummary({ median, q1, q3 }: Summary, digits: number): string[] {
  return [median.toFixed(digits), span(q1, q3, digits)]
}

function span(from: number, to: number, digits: number): string {
  return `${from.toFixed(digits)}..${to.toFixed(digits)}`
}

/** The control has the floor's, which needs no saying twice. */
function allowanceOf({ name, role, allowance }: Line): string[] {
  return allowance === undefined || role === 'control' ? [] : [`Allow for ${name}: ${allowance}.`]
}
