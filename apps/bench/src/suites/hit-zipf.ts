import { caches, storedPromise } from '../contenders/index.ts'
import { random, shuffled } from '../random.ts'
import type { Suite } from '../suite.ts'
import { zipfRanks } from '../zipf.ts'

const KEYS = 10_000
const EXPONENT = 1
const DRAWS = 16_384

export const hitZipf: Suite = {
  name: 'hit-zipf',
  about: `warm hits on ${KEYS} keys, drawn by Zipf's law with exponent ${EXPONENT}`,
  floor: storedPromise,
  rivals: caches,
  workload: seed => {
    const next = random(seed)
    const keys = Array.from({ length: KEYS }, (_, index) => `report:${index}`)
    // Shuffled, or the popular keys would be stored first and adjacent in memory.
    const byRank = shuffled(keys, next)
    const ranks = zipfRanks({ ranks: KEYS, exponent: EXPONENT, draws: DRAWS }, next)
    return { keys, sequence: ranks.flatMap(rank => byRank[rank - 1] ?? []) }
  },
}
