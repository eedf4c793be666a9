import type { Acquire, Each } from '@stampede/core'
import { bytesOf, newToken, textOf, tokenBytes, tokenOf } from '../base/bytes.ts'
import type { Space } from '../protocol/change.ts'
import type { SharedConnection } from '../connection/shared-connection.ts'
import { type DecodedRecord, decode, markerIn, versionIn } from '../protocol/record.ts'
import { ACQUIRE, RELEASE } from '../protocol/scripts.ts'
import { isGone } from '../protocol/stored-record.ts'
import { isCurrent } from '../changes/record-validation.ts'
import { after } from '../base/timing.ts'
import type { Wake } from '../connection/waiters.ts'
import { errorFromWire } from '../protocol/wire-error.ts'

/** Unusable records that are rejected by version before any record is rejected. */
const MOST_REJECTED = 3
/** Spreads the requests of waiting processes when a lease ends. */
const JITTER = 15

/** The outcome of a lease request. */
export type Acquired =
  | { readonly kind: 'hit'; readonly record: DecodedRecord; readonly collapsed: boolean }
  | { readonly kind: 'lead'; readonly token: string; readonly asOf: bigint }
  | { readonly kind: 'fail'; readonly error: unknown }
  | { readonly kind: 'pass'; readonly each: Each }
  | { readonly kind: 'busy' }
  | { readonly kind: 'local'; readonly reason: string }

type Reply =
  | { readonly kind: 'HIT' | 'PASS'; readonly bytes: Uint8Array }
  | { readonly kind: 'WAIT'; readonly holder: Uint8Array; readonly left: number }
  | { readonly kind: 'LEASE' }
  | { readonly kind: 'FAILED'; readonly reason: string }

/** One participant's way to a record or to the lease of a key. */
export class LeaseAcquisition {
  readonly #fleet: SharedConnection
  readonly #space: Space
  readonly #name: string
  readonly #request: Acquire
  readonly #token: string = newToken()
  readonly #until: number
  #reject: string
  #rejected = 0
  /** The leader that it waited for: only from that leader it accepts a hand-over. */
  #awaited: Uint8Array | undefined
  #hasWaited = false

  constructor(fleet: SharedConnection, space: Space, name: string, asked: Acquire) {
    this.#fleet = fleet
    this.#space = space
    this.#name = name
    this.#request = asked
    this.#reject = asked.reject ?? ''
    this.#until = fleet.timing.now() + asked.wait
  }

  async acquired(): Promise<Acquired> {
    if (!(await this.#mayAsk())) return CHANGING
    for (;;) {
      if (!this.#fleet.isUsable) return { kind: 'local', reason: 'the store does not answer' }
      const acquired = await this.#once()
      if (acquired !== undefined) return acquired
      if (this.#request.isWanted?.() === false) return { kind: 'busy' }
    }
  }

  /** Waits for changes of the key in progress. A tag that is being invalidated is found in the record. */
  async #mayAsk(): Promise<boolean> {
    const { pending } = this.#fleet.changes
    const changes = pending.endFor(this.#space, this.#name)
    return changes === undefined || (await this.#inTime(changes)) || !pending.has(this.#space, this.#name, [])
  }

  /** Whether it ends within the time limit of a command. */
  #inTime(end: Promise<unknown>): Promise<boolean> {
    const { timing, settings } = this.#fleet
    return new Promise(resolve => {
      const stopTimer = after(timing, settings.commandTimeout, () => resolve(false), true)
      void end.then(() => {
        stopTimer()
        resolve(true)
      })
    })
  }

  /** Requests the lease, and waits if another process has it. `undefined`: request again. */
  async #once(): Promise<Acquired | undefined> {
    // A wake may arrive before the reply that says to wait for it.
    const stopAsking = this.#fleet.waiters.ask()
    const reply = await this.#ask()
    if (reply.kind !== 'WAIT') {
      stopAsking()
      return this.#answered(reply)
    }
    const waited = this.#request.wait > 0 ? this.#waited(reply.holder, reply.left) : undefined
    stopAsking()
    return waited === undefined ? { kind: 'busy' } : this.#woken(await waited)
  }

  #answered(reply: Exclude<Reply, { kind: 'WAIT' }>): Promise<Acquired | undefined> | Acquired {
    if (reply.kind === 'HIT') return this.#hit(reply.bytes)
    if (reply.kind === 'PASS') return this.#passed(reply.bytes)
    if (reply.kind === 'FAILED') return { kind: 'local', reason: reply.reason }
    return { kind: 'lead', token: this.#token, asOf: this.#fleet.log.position }
  }

  async #ask(): Promise<Reply> {
    const { commands, names, settings, instance } = this.#fleet
    const reject = this.#reject === '' || this.#reject === 'any' ? this.#reject : tokenBytes(this.#reject)
    const lease = String(Math.ceil(Math.max(1, Math.min(settings.leaseTtl, this.#request.timeout))))
    const renewed = String(Math.ceil(settings.leaseTtl))
    const answer = await commands.run({
      script: ACQUIRE,
      keys: [names.record(this.#name), names.lease(this.#name)],
      args: [this.#token, lease, this.#request.wait > 0 ? instance : '', reject, this.#awaited ?? '', renewed],
      late: reply => this.#giveBack(reply),
    })
    return answer.ok ? replyOf(answer.reply) : { kind: 'FAILED', reason: answer.reason }
  }

  /** Nothing waits any more for a lease that arrives so late. */
  #giveBack(reply: unknown): void {
    const { commands, names } = this.#fleet
    if (replyOf(reply).kind !== 'LEASE') return
    const args = [this.#token, names.wakePrefix, `R${this.#token}`, '', '0']
    void commands.run({ script: RELEASE, keys: [names.record(this.#name), names.lease(this.#name)], args })
  }

  async #hit(bytes: Uint8Array): Promise<Acquired | undefined> {
    const { settings, changes } = this.#fleet
    const record = decode(bytes, settings.record, this.#name)
    const isUsable =
      record !== undefined &&
      (this.#hasWaited || !isGone(record, this.#fleet.clock.now())) &&
      !changes.pending.has(this.#space, this.#name, record.tags) &&
      (await isCurrent(record, this.#space, this.#fleet))
    if (isUsable) return { kind: 'hit', record, collapsed: this.#hasWaited }
    // A server that was asked for no record returns none: this one is invalid, or the driver returns something else.
    return this.#rejected > MOST_REJECTED ? OF_NO_USE : this.#rejecting(bytes, this.#rejected === MOST_REJECTED)
  }

  /** A marker holds until everything is cleared. */
  async #passed(bytes: Uint8Array): Promise<Acquired | undefined> {
    const marker = markerIn(bytes, this.#fleet.settings.record, this.#name)
    if (marker !== undefined && (await isCurrent({ asOf: marker.asOf, tags: [] }, this.#space, this.#fleet)))
      return { kind: 'pass', each: marker.each }
    // Otherwise it would never end if a process keeps writing them.
    if (this.#rejected >= MOST_REJECTED) return OF_NO_USE
    return this.#rejecting(bytes)
  }

  #rejecting(bytes: Uint8Array, isAny = false): undefined {
    this.#rejected += 1
    this.#awaited = undefined
    this.#reject = (isAny ? undefined : versionIn(bytes)) ?? 'any'
  }

  #woken({ kind, payload }: Wake): Acquired | undefined {
    if (kind === 'E') return { kind: 'fail', error: errorFromWire(payload) }
    if (kind === 'P') return { kind: 'pass', each: textOf(payload) === 'process' ? 'process' : 'caller' }
    if (kind === 'L') return { kind: 'local', reason: 'the store does not answer' }
    return this.#fleet.timing.now() < this.#until ? undefined : { kind: 'local', reason: 'the wait was too long' }
  }

  /** A wake, or the time to request again: the lease ends, a wake may have been lost, or the wait is over. */
  #waited(holder: Uint8Array, left: number): Promise<Wake> {
    const { waiters, timing, poll } = this.#fleet
    this.#hasWaited = true
    this.#awaited = holder
    if (waiters.isFull) return Promise.resolve({ kind: 'L', payload: new Uint8Array() })
    const leaseEnds = Math.max(1, left) + timing.random() * JITTER
    const ms = Math.min(poll, leaseEnds, Math.max(0, this.#until - timing.now()))
    return new Promise(resolve => {
      const leaving: (() => void)[] = []
      const asksAgain = (): void => {
        leaving[0]?.()
        resolve({ kind: 'R', payload: new Uint8Array() })
      }
      const stopTimer = after(timing, ms, asksAgain, true)
      leaving.push(
        waiters.wait(tokenOf(holder), wake => {
          stopTimer()
          resolve(wake)
        }),
      )
    })
  }
}

const OF_NO_USE: Acquired = { kind: 'local', reason: 'what is stored is of no use' }
const CHANGING: Acquired = { kind: 'local', reason: 'changes of the key are still under way' }

function replyOf(reply: unknown): Reply {
  const [kind, first, second] = Array.isArray(reply) ? (reply as readonly unknown[]) : []
  const bytes = bytesOf(first)
  switch (textOf(kind)) {
    case 'HIT':
    case 'PASS':
      return bytes === undefined ? UNREADABLE : { kind: textOf(kind) as 'HIT' | 'PASS', bytes }
    case 'WAIT':
      return bytes === undefined ? UNREADABLE : { kind: 'WAIT', holder: bytes, left: Number(second) }
    case 'LEASE':
      return { kind: 'LEASE' }
    default:
      return UNREADABLE
  }
}

const UNREADABLE: Reply = { kind: 'FAILED', reason: 'a reply that is not to be understood' }
