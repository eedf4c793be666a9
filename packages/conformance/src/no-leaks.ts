import { afterAll, beforeAll } from 'vitest'

/**
 * Fails a file whose tests leave something behind: a rejected promise that nobody handled, or a socket, server or timer
 * that would keep the process alive. A setup file: its hooks stand around all others of the file.
 */

/** Turns of the event loop that the last sockets have to close in. */
const TURNS = 200

const rejections: unknown[] = []
const onRejection = (reason: unknown): void => void rejections.push(reason)
/** Of the runner, before the file is loaded: what the file opens outside of a test counts too. */
const before = process.getActiveResourcesInfo().filter(name => name !== 'Timeout')
/** The runner sets timers of its own while it loads a file. */
let timersBefore: readonly string[] = []

beforeAll(() => {
  timersBefore = process.getActiveResourcesInfo().filter(name => name === 'Timeout')
  process.on('unhandledRejection', onRejection)
})

afterAll(async () => {
  for (let turn = 0; turn < TURNS && leftOpen().length > 0; turn += 1) await turnOfTheLoop()
  // A rejection is known to be unhandled only once the microtasks behind it have run.
  await turnOfTheLoop()
  process.off('unhandledRejection', onRejection)
  const leaked = leftOpen()
  if (leaked.length > 0) throw new Error(`the tests of this file left open: ${leaked.join(', ')}`)
  if (rejections.length > 0)
    throw new Error(`nobody handled: ${rejections.map(String).join('; ')}`, { cause: rejections[0] })
})

function turnOfTheLoop(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** What keeps the process alive now and did not before, each as often as it is more. */
function leftOpen(): readonly string[] {
  const left = [...process.getActiveResourcesInfo()]
  for (const name of [...before, ...timersBefore, 'CloseReq']) {
    const index = left.indexOf(name)
    if (index >= 0) left.splice(index, 1)
  }
  return left
}
