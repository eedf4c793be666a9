import { tryOr } from '../base/try-or.ts'
import type { DeadlineClock } from '../base/deadline-clock.ts'
import type { RedisDriver } from './driver.ts'
import type { Script } from './script.ts'

/** What became of a command. No failure is ever thrown. */
export type Answer =
  | { readonly ok: true; readonly reply: unknown }
  /** `isRefused`: the server said that it will not do it, and serves on. */
  | { readonly ok: false; readonly reason: string; readonly isRefused: boolean }

/** Commands under way at once, at most: beyond that the server is in trouble, or will be. */
const MOST_AT_ONCE = 10_000
const TOO_MANY: Answer = { ok: false, reason: 'too many commands at once', isRefused: false }
/** Errors of a server that serves nobody now. What else a server refuses is said of one command. */
const OUT_OF_SERVICE = /^(LOADING|BUSY|CLUSTERDOWN|MASTERDOWN|NOAUTH|NOPERM|WRONGPASS|UNBLOCKED)/
const REFUSED = /^[A-Z]{2,}\b/
/** As servers say it, and as one client rewords it. */
const NO_SCRIPT = /NOSCRIPT|NoScript|No matching script/i

/** Hears how the commands fare. */
export interface Health {
  succeeded(): void
  failed(reason: string): void
}

export interface Command {
  readonly args: readonly (string | Uint8Array)[]
  readonly key: string
  /** Called with the reply of a command that was given up before. */
  readonly late?: ((reply: unknown) => void) | undefined
}

export interface ScriptCall {
  readonly script: Script
  readonly keys: readonly string[]
  readonly args: readonly (string | Uint8Array)[]
  readonly late?: ((reply: unknown) => void) | undefined
}

type Call = (isGivenUp: () => boolean) => Promise<unknown>

/** Sends commands, each within its time limit. */
export class Commands {
  readonly #driver: RedisDriver
  readonly #deadlines: DeadlineClock
  readonly #health: Health

  constructor(driver: RedisDriver, deadlines: DeadlineClock, health: Health) {
    this.#driver = driver
    this.#deadlines = deadlines
    this.#health = health
  }

  /** Whether one command may name several keys: not where they are on several nodes. */
  get isOneNode(): boolean {
    return this.#driver.isOneNode === true
  }

  send(command: Command): Promise<Answer> {
    return this.#within(() => this.#driver.call(command.args, command.key), command.late)
  }

  /** By its digest; where the server does not know that, by its source. */
  run({ script, keys, args, late }: ScriptCall): Promise<Answer> {
    const rest = [String(keys.length), ...keys, ...args]
    const key = keys[0]
    return this.#within(async isGivenUp => {
      try {
        return await this.#driver.call(['EVALSHA', script.digest, ...rest], key)
      } catch (error) {
        // Nobody waits for it any more: it would undo what was done since.
        if (isGivenUp() || !NO_SCRIPT.test(messageOf(error))) throw error
        return this.#driver.call(['EVAL', script.source, ...rest], key)
      }
    }, late)
  }

  #within(call: Call, late: ((reply: unknown) => void) | undefined): Promise<Answer> {
    return new Promise(resolve => {
      if (this.#deadlines.running >= MOST_AT_ONCE) return resolve(TOO_MANY)
      if (!tryOr(() => this.#driver.ready(), false)) return resolve(this.#failed('the client is not connected'))
      let isGivenUp = false
      const stop = this.#deadlines.start(() => {
        isGivenUp = true
        resolve(this.#failed('timeout'))
      })
      const replied = (reply: unknown): void => {
        if (isGivenUp) return late?.(reply)
        stop()
        this.#health.succeeded()
        resolve({ ok: true, reply })
      }
      const failed = (error: unknown): void => {
        if (isGivenUp) return
        stop()
        resolve(this.#refused(messageOf(error)))
      }
      started(() => call(() => isGivenUp)).then(replied, failed)
    })
  }

  #refused(message: string): Answer {
    const code = codeOf(message)
    if (REFUSED.test(code) && !OUT_OF_SERVICE.test(code)) return { ok: false, reason: code, isRefused: true }
    return this.#failed(code)
  }

  #failed(reason: string): Answer {
    this.#health.failed(reason)
    return { ok: false, reason, isRefused: false }
  }
}

/** A client of one's own may throw where it is to reject, and give what is no promise of this kind. */
function started(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return Promise.resolve(call())
  } catch (error) {
    return Promise.reject(error)
  }
}

/** A driver of one's own may reject with anything. */
function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error)
  } catch {
    return 'an error that says nothing'
  }
}

/** The code that a server's error begins with, or the start of the message. Scripts wrap it: `ERR ... script: ..., OOM ...`. */
function codeOf(message: string): string {
  const code = /^(?:An error was signalled by the server: - )?([A-Z][A-Z]+)(?= |:|$)/.exec(message)?.[1]
  return code ?? message.slice(0, 100)
}
