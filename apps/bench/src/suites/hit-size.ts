import { stampede, storedPromise } from '../contenders/index.ts'
import type { Growth } from '../growth.ts'
import { random } from '../random.ts'
import type { Suite } from '../suite.ts'

const DRAWS = 65_536
const SIZES: readonly (readonly [name: string, entries: number])[] = [
  ['1e3', 1_000],
  ['1e4', 10_000],
  ['1e5', 100_000],
  ['1e6', 1_000_000],
]

/** The same hits among more and more entries. */
export const hitSizes: readonly Suite[] = SIZES.map(([name, entries]) => hitSize(name, entries))
export const hitGrowth: Growth = { contender: stampede.name, from: 'hit-size-1e3', to: 'hit-size-1e6', atMost: 1.3 }

function hitSize(name: string, entries: number): Suite {
  return {
    name: `hit-size-${name}`,
    about: `warm hits among ${entries} entries, each as likely as the others`,
    floor: storedPromise,
    rivals: [stampede],
    workload: seed => {
      const next = random(seed)
      const keys = Array.from({ length: entries }, (_, index) => `report:${index}`)
      return { keys, sequence: Array.from({ length: DRAWS }, () => keys[Math.floor(next() * entries)] ?? '') }
    },
  }
}
