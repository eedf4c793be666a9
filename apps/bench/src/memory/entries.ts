import { summary, type Summary } from '../statistics.ts'
import type { Build, Built, Material } from './builds.ts'

/** Bytes in use after a garbage collection. */
export type Heap = () => number

/** Bytes that an entry takes beyond its key and value, over several builds. */
export interface EntryFigure {
  readonly build: Build
  readonly entries: number
  readonly bytes: Summary
}

export function materialOf(entries: number): Material {
  const keys = Array.from({ length: 2 * entries }, (_, index) => `report:${index}`)
  const values = new Map(keys.map((key, index) => [key, { index }]))
  return { keys, values, entries }
}

/** Builds each so often, in turns. */
export async function measureEntries(
  builds: readonly Build[],
  entries: number,
  times: number,
  heap: Heap,
): Promise<EntryFigure[]> {
  const material = materialOf(entries)
  const figures = new Map<Build, number[]>(builds.map(build => [build, []]))
  for (let time = 0; time < times; time += 1) {
    for (const [build, bytes] of figures) bytes.push(await bytesPerEntry(build, material, heap))
  }
  return [...figures].map(([build, bytes]) => ({ build, entries, bytes: summary(bytes) }))
}

async function bytesPerEntry(build: Build, material: Material, heap: Heap): Promise<number> {
  const before = heap()
  const built = await build.build(material)
  const after = heap()
  // Not taken apart before: it has to hold what was built until the heap has been read.
  return perEntry(built, after - before)
}

export function perEntry({ entries }: Built, bytes: number): number {
  if (entries === 0) throw new RangeError('Nothing was stored.')
  return bytes / entries
}
