import { afterAll, beforeAll } from 'vitest'
import { elapse } from './real-time.ts'

/**
 * Fails a file whose tests leave something behind: an unhandled rejection, or a socket, server or timer
 * that would keep the process alive. A setup file: its hooks stand around all others of the file. Files may share a worker:
 * what one of them leaves counts for that file alone.
 */

/** How long the last sockets, servers and native clients have to close, milliseconds: a busy machine needs seconds. */
const PATIENCE = Number(process.env['STAMPEDE_LEAK_PATIENCE'] ?? 8_000)
const STEP = 10

declare global {
  /** What earlier files of this worker have left for good. */
  var stampedeLeftOpen: readonly string[] | undefined
}

const rejections: unknown[] = []
const onRejection = (reason: unknown): void => void rejections.push(reason)
/** Of the runner, before the file is loaded: what the file opens outside of a test counts too. */
const before = process.getActiveResourcesInfo().filter(name => name !== 'Timeout')
/** The runner sets timers of its own while it loads a file, which are gone in less than a second. */
let timersBefore: readonly string[] = []

beforeAll(() => {
  timersBefore = process.getActiveResourcesInfo().filter(name => name === 'Timeout')
  process.on('unhandledRejection', onRejection)
})

afterAll(async () => {
  const leaked = await leftOpenForGood()
  // A rejection is known to be unhandled only once the microtasks behind it have run.
  await new Promise(resolve => setImmediate(resolve))
  process.off('unhandledRejection', onRejection)
  if (leaked.length > 0) throw new Error(`the tests of this file left open: ${leaked.join(', ')}`)
  if (rejections.length > 0)
    throw new Error(`nobody handled: ${rejections.map(String).join('; ')}`, { cause: rejections[0] })
}, PATIENCE + 10_000)

/** What is still open when the patience is over. Ends at once where all is closed. */
async function leftOpenForGood(): Promise<readonly string[]> {
  if (openBeyond([...before, ...timersBefore]).length === 0) return []
  const earlier = globalThis.stampedeLeftOpen ?? []
  const known = [...before, ...earlier.filter(name => name === 'Timeout')]
  for (let waited = 0; waited < PATIENCE && openBeyond(known).length > 0; waited += STEP) await elapse(STEP)
  const leaked = openBeyond(known)
  globalThis.stampedeLeftOpen = [...earlier, ...leaked]
  return leaked
}

/** What keeps the process alive now beyond what is known, each as often as it is more. */
function openBeyond(known: readonly string[]): readonly string[] {
  // A closed connection leaves that for a moment.
  const open = process.getActiveResourcesInfo().filter(name => name !== 'CloseReq')
  for (const name of known) {
    const index = open.indexOf(name)
    if (index >= 0) open.splice(index, 1)
  }
  return open
}
