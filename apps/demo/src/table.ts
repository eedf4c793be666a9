import type { Burst } from './burst.ts'
import type { Row } from './verdict.ts'

const HEAD = [
  'what',
  'requests',
  'origin calls without',
  'origin calls with',
  'p50/p99 ms without',
  'p50/p99 ms with',
  'errors',
  'mismatches',
]

/** The rows as a table of text. */
export function table(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)]
  const widths = HEAD.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)))
  const lines = cells.map(row => row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '))
  return [lines[0], widths.map(width => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n')
}

function cellsOf({ name, bare, stampede }: Row): string[] {
  return [
    name,
    String(stampede.burst.requests),
    String(bare.originCalls),
    String(stampede.originCalls),
    percentiles(bare.burst),
    percentiles(stampede.burst),
    String(bare.burst.errors.length + stampede.burst.errors.length),
    String(bare.burst.mismatches.length + stampede.burst.mismatches.length),
  ]
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

function percentiles({ times }: Burst): string {
  const at = (share: number): string => {
    const time = times[Math.min(times.length - 1, Math.floor(times.length * share))]
    return time === undefined ? '-' : time.toFixed(0)
  }
  return `${at(0.5)}/${at(0.99)}`
}
