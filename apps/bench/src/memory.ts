import { collectedHeap } from './collected-heap.ts'
import { memoryCommand } from './memory/command.ts'
import { processOut } from './out.ts'

process.exitCode = await memoryCommand(process.argv.slice(2), {
  ...processOut,
  heap: collectedHeap(),
  used: () => process.memoryUsage().heapUsed,
})
