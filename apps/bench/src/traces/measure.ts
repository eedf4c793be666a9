import type { Wanted } from '../target.ts'
import type { Case } from './cases.ts'
import { lruHits } from './lru.ts'
import { optimalHits } from './optimum.ts'
import { stampedeHits } from './stampede.ts'
import { traceOf } from './trace.ts'

/** How large the traces are. */
export interface Scale {
  readonly objects: number
  readonly requests: number
}

/** Hit ratios on one trace, in percent. */
export interface Row {
  readonly name: string
  readonly seed: number
  /** Of the objects that fit. */
  readonly share: number
  readonly lru: number
  readonly stampede: number
  readonly optimum: number
  readonly wanted: Wanted | undefined
}

const PERCENT = 100

/** One trace by each cache at each share of the objects. */
export async function measureCase(
  { name, settings, wanted }: Case,
  { objects, requests }: Scale,
  seed: number,
  shares: readonly number[],
): Promise<Row[]> {
  const trace = traceOf({ ...settings, seed, objects, requests })
  const percent = (hits: number): number => (hits / requests) * PERCENT
  const rows: Row[] = []
  for (const share of shares) {
    const size = Math.max(1, Math.round(objects * share))
    const lru = percent(lruHits(trace, size))
    const stampede = percent(await stampedeHits(trace, size))
    rows.push({ name, seed, share, lru, stampede, optimum: percent(optimalHits(trace, size)), wanted: wanted(share) })
  }
  return rows
}
