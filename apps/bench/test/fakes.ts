import type { Contender } from '../src/contender.ts'
import type { Out } from '../src/out.ts'
import type { Suite } from '../src/suite.ts'

/** A clock that only moves when a contender says that it worked. */
export interface FakeClock {
  readonly now: () => number
  readonly work: (nanoseconds: number) => void
}

export function fakeClock(): FakeClock {
  let time = 0
  return {
    now: () => time,
    work: nanoseconds => {
      time += nanoseconds
    },
  }
}

/** A contender whose every operation takes exactly `cost` by the fake clock. */
export function costing(name: string, cost: number, { work }: FakeClock): Contender {
  return {
    name,
    async prepare({ keys, load }) {
      const values = new Map<string, number>()
      for (const key of keys) values.set(key, await load(key))
      return {
        ask: key => {
          work(cost)
          return values.get(key)
        },
      }
    },
  }
}

export function suiteOf(floor: Contender, rivals: readonly Contender[]): Suite {
  const workload = { keys: ['a', 'b'], sequence: ['a', 'b', 'a', 'a'] }
  return { name: 'fake', about: 'two keys', floor, rivals, workload: () => workload }
}

/** Collects what a command prints. */
export function collecting(): Out & { readonly printed: () => string; readonly errors: readonly string[] } {
  const lines: string[] = []
  const errors: string[] = []
  return {
    print: (text: string): void => void lines.push(text),
    printError: (text: string): void => void errors.push(text),
    printed: () => lines.join('\n'),
    errors,
  }
}
