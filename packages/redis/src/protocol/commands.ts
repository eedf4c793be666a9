import { tryOr } from '../base/try-or.ts'
import type { DeadlineClock } from '../base/deadline-clock.ts'
import type { RedisDriver } from './driver.ts'
import type { Script } from './script.ts'

/** The outcome of a command. It never rejects. */
export type Answer =
  | { readonly ok: true; readonly reply: unknown }
  /** `isRefused`: the server refused this command, and continues to serve. */
  | { readonly ok: false; readonly reason: string; readonly isRefused: boolean }

/** Maximum number of commands in progress: more show that the server is in trouble. */
const MOST_AT_ONCE = 10_000
const TOO_MANY: Answer = { ok: false, reason: 'too many commands at once', isRefused: false }
/** Errors of a server that cannot serve any command. Other errors concern one command. */
const OUT_OF_SERVICE = /^(LOADING|BUSY|CLUSTERDOWN|MASTERDOWN|NOAUTH|NOPERM|WRONGPASS|UNBLOCKED)/
const REFUSED = /^[A-Z]{2,}\b/
/** In the words of servers, and of one client that rewords them. */
const NO_SCRIPT = /NOSCRIPT|NoScript|No matching script/i

/** Receives the outcomes of commands. */
export interface Health {
  succeeded(): void
  failed(reason: string): void
}

export interface Command {
  readonly args: readonly (string | Uint8Array)[]
  readonly key: string
  /** Called with a reply that arrives after the time limit. */
  readonly late?: ((reply: unknown) => void) | undefined
}

export interface ScriptCall {
  readonly script: Script
  readonly keys: readonly string[]
  readonly args: readonly (string | Uint8Array)[]
  readonly late?: ((reply: unknown) => void) | undefined
}

type Call = (isGivenUp: () => boolean) => Promise<unknown>

/** Sends commands, each with a time limit. */
export class Commands {
  readonly #driver: RedisDriver
  readonly #deadlines: DeadlineClock
  readonly #health: Health

  constructor(driver: RedisDriver, deadlines: DeadlineClock, health: Health) {
    this.#driver = driver
    this.#deadlines = deadlines
    this.#health = health
  }

  /** Whether one command may name several keys, because all are on one node. */
  get isOneNode(): boolean {
    return this.#driver.isOneNode === true
  }

  send(command: Command): Promise<Answer> {
    return this.#within(() => this.#driver.call(command.args, command.key), command.late)
  }

  /** Runs a script by its digest, or by its source if the server does not know the digest. */
  run({ script, keys, args, late }: ScriptCall): Promise<Answer> {
    const rest = [String(keys.length), ...keys, ...args]
    const key = keys[0]
    return this.#within(async isGivenUp => {
      try {
        return await this.#driver.call(['EVALSHA', script.digest, ...rest], key)
      } catch (error) {
        // Nothing waits for it any more, and it would undo later changes.
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

/** A custom client may throw instead of rejecting, or return something else than a promise. */
function started(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return Promise.resolve(call())
  } catch (error) {
    return Promise.reject(error)
  }
}

/** A custom driver may reject with anything. */
function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error)
  } catch {
    return 'an error that says nothing'
  }
}

/**
 * The code at the start of a server's error, or the start of the message. Scripts wrap it: `ERR ... script: ..., OOM
 * ...`.
 */
function codeOf(message: string): string {
  const code = /^(?:An error was signalled by the server: - )?([A-Z][A-Z]+)(?= |:|$)/.exec(message)?.[1]
  return code ?? message.slice(0, 100)
}
