import { afterAll, beforeAll } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'

/**
 * Timers of clients that end a moment after them: a parser gives back its largest buffers by one, and a connection that its
 * server does not close is destroyed by another. What of ours is left behind keeps the file from its end.
 */
export function awaitClientTimers(): void {
  let before = 0
  beforeAll(() => {
    before = timers()
  })
  afterAll(() => eventually(() => timers() <= before))
}

function timers(): number {
  return process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
}
