import { grid } from '../grid.ts'
import { verdict } from '../target.ts'
import type { Row } from './measure.ts'

const HEAD = ['trace', 'seed', 'fits', 'LRU', 'Stampede', 'optimum', 'to LRU', 'target']

/** Hit ratios in percent, and the points between Stampede and LRU. */
export function report(rows: readonly Row[]): string {
  return grid([HEAD, ...rows.map(cellsOf)], 1)
}

function cellsOf({ name, seed, share, lru, stampede, optimum, wanted }: Row): string[] {
  const points = stampede - lru
  const ratios = [lru, stampede, optimum].map(ratio => ratio.toFixed(1))
  const size = Math.abs(points).toFixed(1)
  const difference = Number(size) === 0 ? size : `${points < 0 ? '-' : '+'}${size}`
  return [
    name,
    `${seed}`,
    `${share * 100} %`,
    ...ratios,
    difference,
    wanted === undefined ? '' : verdict(points, wanted),
  ]
}
