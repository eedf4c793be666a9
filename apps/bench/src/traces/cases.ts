import type { Wanted } from '../target.ts'
import type { TraceSettings } from './trace.ts'

/** A kind of trace, and what Stampede is wanted to come to on it in points above LRU. */
export interface Case {
  readonly name: string
  readonly settings: Omit<TraceSettings, 'seed' | 'objects' | 'requests'>
  /** By the share of the objects that fit. */
  readonly wanted: (share: number) => Wanted | undefined
}

const SMALL = 0.01
export const SHARES: readonly number[] = [SMALL, 0.1]

const EXPONENTS = [0.8, 1]
const SCAN_RATE = 0.3
/** Rising is the harder one for what counts uses: what is dropped was popular a moment ago, and is not any more. */
const DRIFTS = [
  { name: 'sinking 100', drift: 100 },
  { name: 'rising 10', drift: -10 },
  { name: 'rising 100', drift: -100 },
  { name: 'rising 300', drift: -300 },
]
const POINTS = 8

/** Every exponent plain, with scans, and drifting. */
export const cases: readonly Case[] = EXPONENTS.flatMap(exponent => {
  const zipf = `Zipf ${exponent.toFixed(1)}`
  const plain = { exponent, scanRate: 0, drift: 0 }
  return [
    {
      name: zipf,
      settings: plain,
      wanted: (share: number) => (exponent === 1 && share === SMALL ? { atLeast: POINTS } : undefined),
    },
    { name: `${zipf} + scans`, settings: { ...plain, scanRate: SCAN_RATE }, wanted: () => undefined },
    ...DRIFTS.map(({ name, drift }) => ({
      name: `${zipf}, ${name}`,
      settings: { ...plain, drift },
      wanted: () => ({ atLeast: -POINTS }),
    })),
  ]
})
