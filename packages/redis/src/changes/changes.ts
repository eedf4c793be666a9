import { textOf } from '../base/bytes.ts'
import {
  TOMBSTONE_RETENTION,
  type Change,
  type Space,
  entryToWire,
  headOf,
  idOf,
  positionOf,
} from '../protocol/change.ts'
import type { Answer, Commands } from '../protocol/commands.ts'
import { RecentChanges } from './recent-changes.ts'
import { type KeyChange, KeyChanges } from './key-changes.ts'
import type { NamesOfSpaces } from '../protocol/key-names.ts'
import type { Log } from './log.ts'
import { markOf, type Keyspace } from '../protocol/keyspace.ts'
import type { Outbox } from './outbox.ts'
import { PendingChanges } from './pending-changes.ts'
import { LOG, STANDING } from '../protocol/log-scripts.ts'
import { INVALIDATE } from '../protocol/scripts.ts'
import type { InvalidationIndex } from './invalidation-index.ts'
import type { Timing } from '../base/timing.ts'

/** Maximum number of keys or tags per entry of the log. */
const MOST_OF_ENTRY = 500
/** Maximum length of an entry in characters, unless one item alone is longer. */
const LONGEST_ENTRY = 65_536
/** Maximum number of marks per space in the store: clients with unsafe requests choose them. */
const MOST_MARKS = 100_000
/** Maximum number of changes per command that looks up their entries. */
const MOST_LOOKED_UP = 500
/** How far the clocks of a master and its replica may differ, milliseconds. */
const CLOCK_ERROR = 50

const OTHER: Readonly<Record<Space, Space>> = { f: 'h', h: 'f' }

interface Parts {
  readonly commands: Commands
  readonly names: Keyspace
  readonly keyNames: NamesOfSpaces
  readonly log: Log
  readonly invalidations: InvalidationIndex
  readonly timing: Timing
  readonly instance: string
  readonly logLength: number
  /** Changes that could not be published yet, also of earlier users of the store. */
  readonly outbox: Outbox
}

/** The changes that this process makes: in the store, in the log or, while the server does not answer, later. */
export class Changes {
  readonly outbox: Outbox
  readonly recent: RecentChanges = new RecentChanges()
  readonly keys: KeyChanges = new KeyChanges()
  readonly pending: PendingChanges = new PendingChanges()
  readonly #parts: Parts
  #count = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.outbox = parts.outbox
  }

  /**
   * Tracks a change, so that no older data is read meanwhile. It starts after the changes that must precede it.
   *
   * @param tags the tags of the stored record, if it stores one
   */
  pend(change: Change, work: () => Promise<boolean>, tags?: readonly string[]): Promise<boolean> {
    const { space, tags: changed = [] } = change
    const touched = { space, names: this.#namesOf(change), tags: tags ?? changed, isSet: tags !== undefined }
    return this.pending.pend(touched, work)
  }

  /** In the store, then in the log: a process that reads the entry finds no old record. */
  async write(change: Change): Promise<boolean> {
    return (await this.#written(change)).length === 0
  }

  /** Returns the part that could not be written. One unreachable shard must not delay the rest. */
  async #written(change: Change): Promise<readonly Change[]> {
    const begunAt = this.#parts.timing.now()
    const parts = inParts(change)
    const unwritten: Change[] = []
    for (const [index, part] of parts.entries()) {
      const { dropped, kept } = await this.#drop(part)
      const isTold = dropped !== undefined && (await this.publish(dropped, begunAt))
      if (kept !== undefined) unwritten.push(kept)
      if (dropped !== undefined && !isTold) unwritten.push(dropped)
      // Failures take time: the next attempt starts with the others.
      if (!isTold) return [...parts.slice(index + 1), ...unwritten]
    }
    return unwritten
  }

  /**
   * Publishes a change in the log alone.
   *
   * @param begunAt before the first effect of the change in the store
   */
  async publish(change: Change, begunAt: number): Promise<boolean> {
    const { commands, names, log, logLength, invalidations, timing } = this.#parts
    this.#count += 1
    const count = this.#count
    const text = entryToWire(this.#parts.instance, count, change)
    const args = [String(logLength), text, names.changes, String(MOST_MARKS), ...marksOf(change)]
    const answer = await commands.run({
      script: LOG,
      keys: [names.log, names.marks(change.space), names.marks(OTHER[change.space])],
      args,
    })
    const [previous, id] = idsOf(answer)
    if (id === '') return false
    this.recent.add({ count, position: positionOf(id), change, at: timing.now() })
    for (const key of change.keys ?? []) this.keys.add({ space: change.space, key, at: begunAt })
    log.wrote(previous, { id, text })
    // If others wrote before it, that is read only later.
    for (const mark of marksOf(change)) invalidations.add(mark, positionOf(id))
    return true
  }

  /** Publishes the changes in the outbox. What fails stays there. */
  async flush(): Promise<void> {
    for (const change of this.outbox.take()) {
      for (const unwritten of await this.#written(change)) this.outbox.add(unwritten)
    }
  }

  /**
   * Looks up which of this process's changes the log has before the position from which it was read. Older entries
   * were trimmed, and publishing all of those again would be a storm.
   */
  async lookUp(first: bigint): Promise<void> {
    const { commands, names, instance, timing } = this.#parts
    const unseen = this.recent.unseenBefore(first, timing.now())
    for (let from = 0; from < unseen.length; from += MOST_LOOKED_UP) {
      const part = unseen.slice(from, from + MOST_LOOKED_UP)
      const args = part.flatMap(({ position, count }) => [idOf(position), headOf(instance, count)])
      const answer = await commands.run({ script: STANDING, keys: [names.log], args })
      if (!answer.ok || !Array.isArray(answer.reply)) return
      for (const [index, { count }] of part.entries()) {
        if (Number(answer.reply[index]) === 1) this.recent.saw(count, timing.now())
      }
    }
  }

  /** The log, read to its end after it was requested, lacks earlier changes: a failover lost them. */
  republish(askedAt: number): void {
    for (const change of this.recent.takeMissing(askedAt, this.#parts.timing.now())) this.outbox.add(change)
  }

  /** After a failover in a cluster, checks whether the shards still have the recent changes of this process. */
  async lookAtKeys(): Promise<void> {
    const doubted = this.keys.doubted(this.#parts.timing.now())
    for (let from = 0; from < doubted.length; from += MOST_LOOKED_UP) {
      await Promise.all(doubted.slice(from, from + MOST_LOOKED_UP).map(change => this.#lookAt(change)))
    }
    // One at a time: an unreachable shard must cost one failure, not enough to open the breaker.
    for (const change of this.keys.unanswered()) if (!(await this.#lookAt(change))) return
  }

  /**
   * The tombstone of the key must not be older than this change, since an older one may have survived it. Returns
   * whether the shard answered.
   */
  async #lookAt(change: KeyChange): Promise<boolean> {
    const { space, key: published, at } = change
    const { commands, keyNames, names, timing } = this.#parts
    const key = names.tombstone(keyNames[space].nameOfPublished(published))
    const answer = await commands.send({ args: ['PTTL', key], key })
    this.keys.answered(change, answer.ok)
    if (!answer.ok) return false
    const left = Number(answer.reply)
    const isThere = left >= 0 && TOMBSTONE_RETENTION - left <= timing.now() - at + CLOCK_ERROR
    if (!isThere) this.outbox.add({ space, keys: [published] })
    return true
  }

  #namesOf({ space, keys = [] }: Change): readonly string[] {
    return keys.map(key => this.#parts.keyNames[space].nameOfPublished(key))
  }

  /** Removes the keys in the store. Returns the removed ones, and those whose shards do not answer. */
  async #drop(change: Change): Promise<{ readonly dropped?: Change | undefined; readonly kept?: Change | undefined }> {
    const { space, keys: published } = change
    if (published === undefined) return { dropped: change }
    const { commands, names } = this.#parts
    const answers = await Promise.all(
      this.#namesOf(change).map(name =>
        commands.run({ script: INVALIDATE, keys: keysOf(names, name), args: [names.wakePrefix] }),
      ),
    )
    const those = (isDropped: boolean): Change | undefined => {
      const keys = published.filter((_key, index) => answers[index]?.ok === isDropped)
      return keys.length === 0 ? undefined : { space, keys }
    }
    return { dropped: those(true), kept: those(false) }
  }
}

/** The record, the lease and the tombstone of a name. */
export function keysOf(names: Keyspace, name: string): readonly string[] {
  return [names.record(name), names.lease(name), names.tombstone(name)]
}

/** The marks that a change invalidates. */
export function marksOf({ space, keys, tags }: Change): readonly string[] {
  if (tags !== undefined) return tags.map(tag => markOf(space, tag))
  return keys === undefined ? [markOf(space)] : []
}

function inParts({ space, keys, tags }: Change): readonly Change[] {
  if (keys !== undefined) return chunks(keys).map(part => ({ space, keys: part }))
  return tags === undefined ? [{ space }] : chunks(tags).map(part => ({ space, tags: part }))
}

function chunks(list: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = []
  let part: string[] = []
  let length = 0
  for (const item of list) {
    if (part.length === 0 || part.length >= MOST_OF_ENTRY || length + item.length > LONGEST_ENTRY) {
      part = []
      length = 0
      parts.push(part)
    }
    part.push(item)
    length += item.length
  }
  return parts
}

function idsOf(answer: Answer): readonly [previous: string, id: string] {
  if (!answer.ok || !Array.isArray(answer.reply)) return ['', '']
  const [previous, id] = answer.reply as readonly unknown[]
  return [textOf(previous), textOf(id)]
}
