import type { Contender } from '../contender.ts'
import { inTurn } from '../drive.ts'
import { originOf, valuesOf } from '../origin.ts'
import { random } from '../random.ts'
import { quantile } from '../statistics.ts'

/** How the bytes allocated by hits are read. */
export interface HitSettings {
  /** Hits of each contender, in all samples. */
  readonly hits: number
  /** Collects garbage, so that none is collected in a sample. */
  readonly collect: () => void
  /** Bytes in use at this moment, garbage included. */
  readonly used: () => number
}

/** Bytes allocated for a hit. */
export interface HitFigure {
  readonly contender: Contender
  readonly bytes: number
  readonly overFloor: number
}

const KEYS = 1_000
const SAMPLES = 20

interface Lane {
  readonly contender: Contender
  readonly sample: () => Promise<number>
  readonly samples: number[]
}

/** The floor, and the others with what they allocate beyond it in the very same loop. */
export async function measureHits(
  floor: Contender,
  rivals: readonly Contender[],
  settings: HitSettings,
): Promise<HitFigure[]> {
  const lanes: Lane[] = []
  for (const contender of [floor, ...rivals]) lanes.push(await laneOf(contender, settings))
  // Twice: what the first turn allocates is code and feedback.
  for (const lane of [...lanes, ...lanes]) await turn(lane)
  for (const { samples } of lanes) samples.length = 0
  for (let nth = 0; nth < SAMPLES; nth += 1) {
    for (const { sample, samples } of lanes) samples.push(await sample())
  }
  return figuresOf(lanes.map(({ contender, samples }) => ({ contender, samples })))
}

/** The median of the samples: one in which garbage was collected all the same does not count. */
export function figuresOf(
  measured: readonly { readonly contender: Contender; readonly samples: readonly number[] }[],
): HitFigure[] {
  const medians = measured.map(({ samples }) => quantile(samples, 0.5))
  const floor = medians[0] ?? Number.NaN
  return measured.map(({ contender }, index) => {
    const bytes = medians[index] ?? Number.NaN
    return { contender, bytes, overFloor: bytes - floor }
  })
}

async function laneOf(contender: Contender, { hits, collect, used }: HitSettings): Promise<Lane> {
  const next = random(1)
  const keys = Array.from({ length: KEYS }, (_, index) => `report:${index}`)
  const perSample = Math.max(1, Math.round(hits / SAMPLES))
  const asked = Array.from({ length: perSample }, () => keys[Math.floor(next() * KEYS)] ?? '')
  const { ask } = await contender.prepare(originOf({ keys, valueOf: valuesOf(keys) }))
  const sample = async (): Promise<number> => {
    collect()
    const before = used()
    await inTurn(ask, { keys: asked, passes: 1 })
    return (used() - before) / perSample
  }
  return { contender, sample, samples: [] }
}

async function turn({ sample, samples }: Lane): Promise<void> {
  for (let nth = 0; nth < SAMPLES; nth += 1) samples.push(await sample())
}
