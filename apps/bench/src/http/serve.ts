import { monitorEventLoopDelay } from 'node:perf_hooks'
import { handlerOf } from './handler.ts'
import type { Question, Said } from './questions.ts'
import type { Served } from './served.ts'
import { starts } from './servers/index.ts'

const NANOSECONDS = 1e6

/** The server's process: serves what the JSON describes, prints its port, and answers requests of its parent until it is released. */
export async function serve(told: string): Promise<void> {
  const served = JSON.parse(told) as Served
  const handler = handlerOf(served)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const answers: Readonly<Record<Question, () => number>> = {
    /** Microseconds of the processor. */
    cpu: () => {
      const { user, system } = process.cpuUsage()
      return user + system
    },
    runs: handler.runs,
    open: () => {
      handler.open()
      return 0
    },
    watch: () => {
      delay.reset()
      return Number(delay.enable())
    },
    /** The longest for which nothing else could run, milliseconds. */
    block: () => delay.max / NANOSECONDS,
  }
  const port = await starts[served.framework](served, handler)
  process.on('message', (question: Question) => say(answers[question]()))
  process.on('disconnect', () => process.exit())
  say(port)
}

function say(value: number): void {
  process.send?.({ value } satisfies Said)
}
