import { grid } from '../grid.ts'
import { verdict } from '../target.ts'
import { BARE, type HttpTarget } from './http-lanes.ts'
import type { HttpLine, Over, ThroughputResult } from './throughput.ts'

const OVER = ['q1..q3', 'by cpu', 'q1..q3', 'at best']
const HEAD = ['server', 'req/s', 'cpu us', 'x Buffer', ...OVER, 'x JSON', ...OVER, 'x beside', ...OVER, 'target']

/** A suite as a table of text; more is better in all columns but that of the processor. */
export function throughputTable({ name, about, control, lines }: ThroughputResult): string {
  const rows = lines.map(line => [
    line.lane.name,
    line.requestsPerSecond.median.toFixed(0),
    line.cpu.median.toFixed(1),
    ...cellsOf(line.overBuffer),
    ...cellsOf(line.overJson),
    ...cellsOf(line.overBeside),
    line.lane.targets.map(target => targetCell(line, target)).join(', '),
  ])
  return `${name}: ${about}\n\n${grid([HEAD, ...rows], 1)}\n\ncontrol: ${cellsOf(control).join(' ')}`
}

function targetCell({ overBuffer, overJson }: HttpLine, { of, atLeast }: HttpTarget): string {
  const figure = of === BARE ? overBuffer : overJson
  return figure === undefined ? '' : verdict(figure.byRate.median, { atLeast })
}

function cellsOf(over: Over | undefined): string[] {
  if (over === undefined) return ['', '', '', '', '']
  const { byRate, byCpu, atBest } = over
  const cells = [byRate, byCpu].flatMap(({ median, q1, q3 }) => [
    median.toFixed(3),
    `${q1.toFixed(2)}..${q3.toFixed(2)}`,
  ])
  return [...cells, atBest.toFixed(3)]
}
