import type { Committed, Each, NewRecord, SharedLease } from '@stampede/core'
import { tokenBytes } from '../base/bytes.ts'
import type { SharedConnection } from '../connection/shared-connection.ts'
import { encode, fits, passMarker, retentionOf } from '../protocol/record.ts'
import { COMMIT, COPY, RELEASE, RENEW } from '../protocol/scripts.ts'
import { keysOf } from '../changes/changes.ts'
import { after } from '../base/timing.ts'
import { errorToWire } from '../protocol/wire-error.ts'

/** How often a lease is renewed within its time. */
const RENEWALS = 3
/** How long processes do not wait for a key whose result was too large or could not be serialized, milliseconds. */
const PASSED_FOR = 10_000

export interface Held {
  readonly fleet: SharedConnection
  readonly name: string
  readonly token: string
  /** The position in the log when the work began. */
  readonly asOf: bigint
  /** The time limit of the work, milliseconds. */
  readonly timeout: number
  readonly nameOf: (key: string) => string
  /** Reports why the result is not shared. */
  readonly degrade: (reason: string) => void
  readonly settled: (lease: Lease) => void
  /** Receives work on its end, for which closing waits. */
  readonly follow: (end: Promise<unknown>) => void
}

/** What the waiting processes receive: an error, a marker, or a free lease. */
type Kind = 'E' | 'P' | 'R'

export class Lease implements SharedLease {
  readonly version: string
  readonly #held: Held
  readonly #since: number
  #isSettled = false
  #stopTimer: () => void = () => {}

  constructor(held: Held) {
    this.#held = held
    this.version = held.token
    this.#since = held.fleet.timing.now()
    this.#renewLater()
  }

  commit(made: NewRecord): Promise<Committed> {
    const committed = this.#commit(made)
    this.#held.follow(committed)
    return committed
  }

  async #commit(made: NewRecord): Promise<Committed> {
    if (!this.#settle()) return 'fenced'
    const record = this.#encoded(made, this.#held.name)
    if (typeof record === 'string') {
      this.#held.degrade(record)
      this.#letGo('P', 'process', PASSED_FOR)
      return 'unshared'
    }
    const { fleet, token, degrade } = this.#held
    const args = [token, record, String(retentionOf(made)), fleet.names.wakePrefix]
    const answer = await fleet.commands.run({ script: COMMIT, keys: this.#keys(), args })
    if (!answer.ok) {
      degrade(answer.reason)
      // A server without memory for the record still has enough to release the waiting processes.
      this.#letGo('R')
      return 'unknown'
    }
    if (Number(answer.reply) !== 1) return 'fenced'
    if (made.alias !== undefined) await this.#copy(made, made.alias)
    return 'stored'
  }

  fail(error: unknown): void {
    if (this.#settle()) this.#letGo('E', errorToWire(error))
  }

  pass(ms: number, each: Each): void {
    if (this.#settle()) this.#letGo('P', each, ms)
  }

  release(): void {
    if (this.#settle()) this.#letGo('R')
  }

  /** The same; resolves when it is done. */
  async giveBack(): Promise<void> {
    if (this.#settle()) await this.#release('R')
  }

  #letGo(kind: Kind, payload = '', passedFor = 0): void {
    this.#held.follow(this.#release(kind, payload, passedFor))
  }

  #settle(): boolean {
    if (this.#isSettled) return false
    this.#isSettled = true
    this.#stopTimer()
    this.#held.settled(this)
    return true
  }

  async #release(kind: Kind, payload = '', passedFor = 0): Promise<void> {
    const { fleet, token } = this.#held
    const message = `${kind}${token}${payload}`
    const marker = passedFor > 0 ? this.#marker(payload as Each) : ''
    const args = [
      token,
      fleet.names.wakePrefix,
      message,
      marker,
      String(Math.ceil(Math.min(passedFor, PASSED_FOR * 6))),
    ]
    if (fleet.isUsable) await fleet.commands.run({ script: RELEASE, keys: this.#keys(), args })
  }

  /** Without a marker, the lease is given back all the same. */
  #marker(each: Each): Uint8Array | '' {
    const { fleet, asOf, name } = this.#held
    try {
      return passMarker({ asOf, each }, fleet.settings.record, name)
    } catch {
      return ''
    }
  }

  /** The bytes of the record, or why there are none. */
  #encoded(made: NewRecord, name: string): Uint8Array | string {
    const { fleet, token, asOf, nameOf } = this.#held
    const version = tokenBytes(token)
    const alias = made.alias === undefined ? undefined : nameOf(made.alias)
    if (!fits(made, fleet.settings.maxEntryBytes)) return 'larger than maxEntryBytes'
    try {
      return encode(made, { version, asOf, storedAt: fleet.clock.now(), alias }, fleet.settings.record, name)
    } catch {
      return 'what it says of itself has no form in JSON'
    }
  }

  async #copy(made: NewRecord, alias: string): Promise<void> {
    const { fleet, nameOf, name } = this.#held
    const other = nameOf(alias)
    if (other === name) return
    const record = this.#encoded(made, other)
    if (typeof record === 'string') return
    const took = Math.ceil(fleet.timing.now() - this.#since)
    const args = [record, String(retentionOf(made)), String(took)]
    await fleet.commands.run({ script: COPY, keys: keysOf(fleet.names, other), args })
  }

  #keys(): readonly string[] {
    const { fleet, name } = this.#held
    return [fleet.names.record(name), fleet.names.lease(name)]
  }

  #renewLater(): void {
    const { fleet, timeout } = this.#held
    const every = fleet.settings.leaseTtl / RENEWALS
    // Work beyond its time limit is not waited for: the lease expires.
    if (fleet.timing.now() - this.#since + every > timeout) return this.#held.settled(this)
    this.#stopTimer = after(fleet.timing, every, () => void this.#renew())
  }

  async #renew(): Promise<void> {
    const { fleet, token, name } = this.#held
    this.#renewLater()
    if (!fleet.isUsable) return
    const args = [token, String(fleet.settings.leaseTtl)]
    const answer = await fleet.commands.run({ script: RENEW, keys: [fleet.names.lease(name)], args })
    if (answer.ok && Number(answer.reply) !== 1) this.#stopTimer()
  }
}
