import { coalesceAsync } from 'promise-coalesce'
import type { Contender } from '../contender.ts'

/** Stands where calls are coalesced only: it keeps nothing. */
export const promiseCoalesce: Contender = {
  name: 'promise-coalesce',
  package: 'promise-coalesce',
  allowance: 'it only coalesces: it looks nothing up before and stores nothing after',
  prepare: async ({ load }) => ({ ask: key => coalesceAsync(key, () => load(key)) }),
}
