import type { Line, SuiteResult } from './results.ts'
import type { Summary } from './statistics.ts'

const HEAD = ['contender', 'version', 'ns/op', 'q1..q3', 'min..max', 'x floor', 'q1..q3', 'control', 'q1..q3']
/** Names and versions are text; all that follows is numbers. */
const TEXT_COLUMNS = 2

/** A suite as a table of text, with what to allow for underneath. */
export function table({ name, about, control, lines }: SuiteResult): string {
  const title = `${name}: ${about}`
  const allowances = lines.flatMap(allowanceOf)
  return [title, '', grid([HEAD, ...lines.map(line => cellsOf(line, control))]), '', ...allowances].join('\n')
}

function cellsOf({ name, version, nanoseconds, ratio }: Line, control: Summary): string[] {
  const figures = [name, version ?? '-', ...cellsOfSummary(nanoseconds, 1), span(nanoseconds.min, nanoseconds.max, 1)]
  if (ratio === undefined) return [...figures, 'floor', '', '', '']
  return [...figures, ...cellsOfSummary(ratio, 2), ...cellsOfSummary(control, 2)]
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

function grid(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const rule = widths.map(width => '-'.repeat(width))
  return rows
    .toSpliced(1, 0, rule)
    .map(row =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function pad(cell: string, width: number, column: number): string {
  return column < TEXT_COLUMNS ? cell.padEnd(width) : cell.padStart(width)
}
