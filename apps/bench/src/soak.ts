import { collectedHeap } from './collected-heap.ts'
import { processOut } from './out.ts'
import { soakCommand } from './soak/command.ts'

/** Milliseconds in which the process has to end of itself once all is done. */
const PATIENCE = 10_000

process.exitCode = await soakCommand(process.argv.slice(2), { ...processOut, heap: collectedHeap() })

// It does not keep the process alive, so that it comes only where something else does.
setTimeout(() => {
  processOut.printError(`The process does not end: ${process.getActiveResourcesInfo().join(', ')} is left.`)
  process.exit(1)
}, PATIENCE).unref()
