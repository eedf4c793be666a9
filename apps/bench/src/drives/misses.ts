import { type Drive, inTurn, sumInTurn } from '../drive.ts'
import { freshKeys } from './fresh-keys.ts'

/** New keys, one after another; each is loaded once. */
export const misses: Drive = {
  plan: (sequence, passes) => ({ keys: freshKeys(sequence, passes), passes: 1 }),
  run: inTurn,
  sum: sumInTurn,
  loads: ({ keys }) => keys.length,
}
