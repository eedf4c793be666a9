import type { Setting } from './contender.ts'
import { contenderOf } from './contenders/index.ts'
import type { JobName, Member } from './jobs.ts'
import { memberOf } from './worker-jobs.ts'

/** What a process is started with. */
export interface Started extends Setting {
  readonly contender: string
}

/** What a process is asked, and what it says; the first that it says is that it is there. */
export interface Asked {
  readonly name: JobName
  readonly asked: never
}
export type Said = { readonly told: unknown } | { readonly failed: string }

/** A process of a fleet: does one job after another, until it is let go. */
export async function work(started: string): Promise<void> {
  const { contender, ...setting } = JSON.parse(started) as Started
  const member = memberOf(await contenderOf(contender).open(setting))
  process.on('message', ({ name, asked }: Asked) => void answer(member, name, asked))
  process.on('disconnect', () => process.exit())
  say({ told: 'ready' })
}

async function answer(member: Member, name: JobName, asked: never): Promise<void> {
  try {
    say({ told: await member.ask(name, asked) })
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : String(error) })
  }
}

function say(said: Said): void {
  process.send?.(said)
}
