import type { Acquire, LocalTier, NewRecord, SharedRecord, SharedTier, AcquireResult } from '@stampede/core'
import { LeaseAcquisition } from './leases/lease-acquisition.ts'
import { newToken, tokenBytes } from './base/bytes.ts'
import { type Change, TOMBSTONE_RETENTION } from './protocol/change.ts'
import { keysOf } from './changes/changes.ts'
import type { Answer } from './protocol/commands.ts'
import type { SharedConnection } from './connection/shared-connection.ts'
import type { KeyNames } from './protocol/key-names.ts'
import { Lease } from './leases/lease.ts'
import { type DecodedRecord, decode, encode, fits, retentionOf, versionBytes } from './protocol/record.ts'
import { Reads } from './protocol/reads.ts'
import { ALLOW, SET } from './protocol/scripts.ts'
import { isGone, recordAt } from './protocol/stored-record.ts'
import { isCurrent } from './changes/record-validation.ts'

/** What a change stores, and with which tags. */
interface Stored {
  readonly tags: readonly string[]
  readonly make: () => Promise<boolean>
}

/** One Stampede's part in the fleet. */
export class CacheStore implements SharedTier {
  readonly #fleet: SharedConnection
  readonly #local: LocalTier
  readonly #left: () => Promise<void>
  readonly #leases = new Set<Lease>()
  readonly #ends = new Set<Promise<unknown>>()
  readonly #reads: Reads
  readonly #names: KeyNames
  readonly #nameOf: (key: string) => string
  #closed: Promise<void> | undefined

  /** @param left called when it is closed */
  constructor(fleet: SharedConnection, local: LocalTier, left: () => Promise<void>) {
    this.#fleet = fleet
    this.#local = local
    this.#left = left
    this.#reads = new Reads(fleet)
    this.#names = fleet.localCaches.names[local.space]
    this.#nameOf = key => this.#names.of(key)
  }

  get degradedTtl(): number {
    return this.#fleet.isUnverified ? 0 : this.#fleet.settings.degradedTtl
  }

  read(key: string): Promise<SharedRecord | undefined> {
    // The fast path of a hit waits for nothing but the server.
    return this.#isOpen ? this.#read(key) : this.#isUsable().then(isUsable => (isUsable ? this.#read(key) : undefined))
  }

  #read(key: string): Promise<SharedRecord | undefined> {
    const name = this.#nameOf(key)
    if (this.#fleet.changes.pending.has(this.#local.space, name, [])) return Promise.resolve(undefined)
    return this.#reads.read(this.#fleet.names.record(name)).then(bytes => bytes && this.#found(name, bytes))
  }

  #found(name: string, bytes: Uint8Array): SharedRecord | undefined | Promise<SharedRecord | undefined> {
    const { settings, clock } = this.#fleet
    const record = decode(bytes, settings.record, name)
    // A hand-over is only for processes that waited for the lease.
    if (record === undefined || record.isHandedOver || isGone(record, clock.now())) return undefined
    const given = (isUsable: boolean): SharedRecord | undefined =>
      isUsable ? recordAt(clock.now(), record, this.#nameOf) : undefined
    const isUsable = this.#isCurrent(name, record)
    return typeof isUsable === 'boolean' ? given(isUsable) : isUsable.then(given)
  }

  async acquire(key: string, asked: Acquire): Promise<AcquireResult> {
    const name = this.#nameOf(key)
    if (!(await this.#isUsable())) return this.#goLocal(key, 'the store does not answer')
    const acquired = await new LeaseAcquisition(this.#fleet, this.#local.space, name, asked).acquired()
    if (acquired.kind === 'local') return this.#goLocal(key, acquired.reason)
    if (acquired.kind === 'lead') {
      const lease = this.#lease(key, name, { ...acquired, timeout: asked.timeout })
      if (!this.#isClosed) return { kind: 'lead', lease }
      await lease.giveBack()
      return this.#goLocal(key, 'the store is closed')
    }
    if (acquired.kind !== 'hit') return acquired
    const record = recordAt(this.#fleet.clock.now(), acquired.record, this.#nameOf)
    return { kind: 'hit', record, collapsed: acquired.collapsed }
  }

  async set(key: string, made: NewRecord): Promise<boolean> {
    const keys = [...new Set([key, made.alias ?? key])]
    const names = keys.map(this.#nameOf)
    const change: Change = { space: this.#local.space, keys: keys.map(one => this.#names.published(one)) }
    if (!(made.ttl > 0)) return this.#change(change)
    const make = async (): Promise<boolean> => {
      const begunAt = this.#fleet.timing.now()
      const records = names.map(name => this.#encoded(made, name))
      if (!records.every(record => record !== undefined)) {
        this.#degrade(key, 'larger than maxEntryBytes, or of no form in JSON')
        return this.#fleet.changes.write(change)
      }
      const answers = await Promise.all(records.map((record, index) => this.#set(names[index] ?? '', record, made)))
      const failed = answers.find(answer => !answer.ok)
      if (failed === undefined) return this.#fleet.changes.publish(change, begunAt)
      if (!failed.isRefused) return false
      // A full server stores nothing, and still removes records.
      this.#degrade(key, failed.reason)
      return this.#fleet.changes.write(change)
    }
    return this.#change(change, { tags: made.tags, make })
  }

  invalidate(keys: readonly string[]): Promise<boolean> {
    if (keys.length === 0) return this.#isUsable()
    return this.#change({ space: this.#local.space, keys: keys.map(key => this.#names.published(key)) })
  }

  invalidateTags(tags: readonly string[]): Promise<boolean> {
    return tags.length === 0 ? this.#isUsable() : this.#change({ space: this.#local.space, tags })
  }

  clear(): Promise<boolean> {
    // Their results are fenced by now: nothing must wait for them.
    for (const lease of this.#leases) lease.release()
    return this.#change({ space: this.#local.space })
  }

  allow(key: string): void {
    if (!this.#isOpen) return
    const record = this.#fleet.names.record(this.#nameOf(key))
    void this.#fleet.commands.run({ script: ALLOW, keys: [record], args: [] })
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#ends, ...[...this.#leases].map(lease => lease.giveBack())])
    await this.#left()
  }

  #change(change: Change, stored?: Stored): Promise<boolean> {
    const changed = this.#changed(change, stored)
    this.#follow(changed)
    return changed
  }

  /** Closing waits for the end of work in progress. */
  #follow(end: Promise<unknown>): void {
    this.#ends.add(end)
    void end.then(() => this.#ends.delete(end))
  }

  /** Here at once; in the store, and for all others, as soon as possible. */
  async #changed(change: Change, stored: Stored | undefined): Promise<boolean> {
    if (this.#isClosed) return false
    const { changes, localCaches } = this.#fleet
    localCaches.drop(change, this.#local)
    if (!(await this.#isTaken())) {
      changes.outbox.add(change)
      return false
    }
    const work = async (): Promise<boolean> => {
      if (!this.#fleet.takesChanges) return false
      return stored === undefined ? changes.write(change) : stored.make()
    }
    const isTold = await changes.pend(change, work, stored?.tags)
    if (isTold) return true
    changes.outbox.add(change)
    this.#fleet.distrust('a change could not be told')
    return false
  }

  /** Announced before it is sent: however long it takes, it does not replace a later change. */
  async #set(name: string, record: Uint8Array, made: NewRecord): Promise<Answer> {
    const { commands, names } = this.#fleet
    const tombstone = names.tombstone(name)
    const permit = ['SET', tombstone, versionBytes(record), 'PX', String(TOMBSTONE_RETENTION)]
    const permitted = await commands.send({ args: permit, key: tombstone })
    if (!permitted.ok) return permitted
    const args = [names.wakePrefix, record, String(retentionOf(made))]
    return commands.run({ script: SET, keys: keysOf(names, name), args })
  }

  get #isClosed(): boolean {
    return this.#closed !== undefined
  }

  get #isOpen(): boolean {
    return !this.#isClosed && this.#fleet.isUsable
  }

  async #isUsable(): Promise<boolean> {
    return !this.#isClosed && (this.#fleet.isUsable || (await this.#fleet.settled()))
  }

  /** Whether changes are sent at once, even if the store is not read yet. */
  async #isTaken(): Promise<boolean> {
    return this.#fleet.takesChanges || (await this.#fleet.settled())
  }

  #isCurrent(name: string, record: DecodedRecord): boolean | Promise<boolean> {
    const { space } = this.#local
    if (this.#fleet.changes.pending.has(space, name, record.tags)) return false
    return isCurrent(record, space, this.#fleet)
  }

  #lease(key: string, name: string, got: { token: string; asOf: bigint; timeout: number }): Lease {
    const lease = new Lease({
      ...got,
      fleet: this.#fleet,
      name,
      nameOf: this.#nameOf,
      degrade: reason => this.#degrade(key, reason),
      settled: settled => void this.#leases.delete(settled),
      follow: end => this.#follow(end),
    })
    this.#leases.add(lease)
    return lease
  }

  #encoded(made: NewRecord, name: string): Uint8Array | undefined {
    const { clock, log, settings } = this.#fleet
    const alias = made.alias === undefined ? undefined : this.#nameOf(made.alias)
    const stamp = { version: tokenBytes(newToken()), asOf: log.present, storedAt: clock.now(), alias }
    if (!fits(made, settings.maxEntryBytes)) return undefined
    try {
      return encode(made, stamp, settings.record, name)
    } catch {
      return undefined
    }
  }

  #goLocal(key: string, reason: string): AcquireResult {
    this.#degrade(key, reason)
    return { kind: 'local', reason }
  }

  #degrade(key: string, reason: string): void {
    this.#local.emit({ type: 'degrade', key, reason })
  }
}
