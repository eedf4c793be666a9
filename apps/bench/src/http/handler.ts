import { setTimeout as sleep } from 'node:timers/promises'
import { bufferOf, objectOf } from './payload.ts'
import { type Handler, type Served, SLOW } from './served.ts'

/** A handler that counts its runs, where it does not answer at once, and can be held. */
export interface CountedHandler extends Handler {
  readonly runs: () => number
  /** Lets all that are held go on. */
  readonly open: () => void
}

const NOTHING = (): void => {}

export function handlerOf({ answer, bytes, pace }: Served): CountedHandler {
  let runs = 0
  let release = NOTHING
  const opened = new Promise<void>(resolve => {
    release = resolve
  })
  const pauses = { ready: undefined, slow: () => sleep(SLOW), held: () => opened }
  const wait = pauses[pace]
  const pause =
    wait &&
    ((): Promise<void> => {
      runs += 1
      return wait()
    })
  return { body: answer === 'buffer' ? bufferOf(bytes) : objectOf(bytes), pause, runs: () => runs, open: release }
}
