import { textOf } from '../base/bytes.ts'
import { entryFromWire, entryToWire, type LogEntry, msOf, positionOf } from '../protocol/change.ts'
import type { Commands } from '../protocol/commands.ts'
import type { FleetClock } from '../base/fleet-clock.ts'
import type { Keyspace } from '../protocol/keyspace.ts'
import { LISTEN, LOAD } from '../protocol/log-scripts.ts'
import type { Script } from '../protocol/script.ts'
import type { Timing } from '../base/timing.ts'

/** Maximum number of entries per command; fewer if they are long. */
const AT_ONCE = 1_000
/** How far the clock of the log's node may be ahead of the estimate of this process, milliseconds. */
const CLOCK_ERROR = 1_000

/** Receives the log. */
export interface LogReader {
  /** An entry, in the order of the log, including this process's own. */
  readonly entry: (entry: LogEntry, position: bigint) => void
  /**
   * The log is another one, or starts after the last read entry. `entries` are its last ones, oldest first, from that
   * position on, as of when they were requested.
   */
  readonly restarted: (entries: readonly Logged[], first: bigint, askedAt: number) => Promise<void>
  /** The server's time, milliseconds, and when it was requested. */
  readonly time: (ms: number, sentAt: number) => void
  /** The epoch of the cluster, if there is one. */
  readonly epoch: (epoch: string) => void
  /** Everything that the log contained at that moment was read. */
  readonly readAll: (sentAt: number) => void
  /** Entries were read that had not been announced. */
  readonly caughtUp: () => void
}

export interface Logged {
  readonly id: string
  readonly text: string
}

interface LogParts {
  readonly commands: Commands
  readonly names: Keyspace
  readonly timing: Timing
  readonly clock: FleetClock
  readonly instance: string
}

/** Follows the log of changes: by announcements, and by reading where one may be missing. */
export class Log {
  readonly #parts: LogParts
  readonly #reader: LogReader
  #last: Logged | undefined
  #position = 0n
  #own = 0n
  /** Up to where the log itself was read or written. */
  #known = 0n
  #reading: Promise<boolean> | undefined
  #isBehind = false
  /** Until it turns out that there is no epoch. */
  #isClustered = true
  /** The last announced entry while the log is loaded, which may or may not contain it. */
  #heard: string | undefined

  constructor(parts: LogParts, reader: LogReader) {
    this.#parts = parts
    this.#reader = reader
  }

  /** Up to where the log was read. */
  get position(): bigint {
    return this.#position
  }

  /**
   * The position of data that is stored now: after everything that this process wrote, even if that was not read yet.
   */
  get present(): bigint {
    return this.#own > this.#position ? this.#own : this.#position
  }

  /** `previous id, id, entry`. An announcement that does not follow the last entry shows that others were missed. */
  announced(message: Uint8Array): void {
    const [previous = '', id = '', ...rest] = textOf(message).split(' ')
    if (this.#isAhead(id)) void this.#catchUp()
    else this.#follow(previous, { id, text: rest.join(' ') })
  }

  /** An entry that this process wrote. */
  wrote(previous: string, logged: Logged): void {
    this.#own = positionOf(logged.id)
    this.#known = this.#own
    this.#follow(previous, logged)
  }

  /** Any client may publish anything: a result of now must not count as later than future changes. */
  #isAhead(id: string): boolean {
    // Until the log was read, its clock is unknown, and announced entries are read from the log.
    if (this.#last === undefined || this.#heard !== undefined) return false
    return msOf(positionOf(id)) > Math.max(this.#parts.clock.now(), msOf(this.#known)) + CLOCK_ERROR
  }

  #follow(previous: string, logged: Logged): void {
    if (this.#heard !== undefined) this.#heard = logged.id
    else if (this.#last === undefined || positionOf(logged.id) <= this.#position) return
    else if (previous === this.#last.id) this.#take(logged)
    else void this.#catchUp()
  }

  /** Reads on from the last entry; resolves with whether that was possible. */
  read(): Promise<boolean> {
    if (this.#reading !== undefined) return this.#reading
    this.#reading = this.#readOn().finally(() => {
      this.#reading = undefined
      if (this.#isBehind) void this.#catchUp()
    })
    return this.#reading
  }

  /** A malformed reply counts as none. */
  async #readOn(): Promise<boolean> {
    this.#isBehind = false
    try {
      return await (this.#last === undefined ? this.#load() : this.#listen(this.#last))
    } catch {
      return false
    } finally {
      this.#heard = undefined
    }
  }

  async #catchUp(): Promise<void> {
    if (this.#reading !== undefined) {
      this.#isBehind = true
      return
    }
    if (await this.read()) this.#reader.caughtUp()
  }

  /** `from` is fixed while announcements continue: the log must contain exactly what has been read by now. */
  async #listen(from: Logged): Promise<boolean> {
    const reading = await this.#ask(LISTEN, [from.id, String(AT_ONCE)])
    if (reading === undefined) return false
    const { entries, isMore } = reading
    const [first, last] = [entries[0], entries.at(-1)]
    if (first === undefined || last === undefined || first.id !== from.id || first.text !== from.text)
      return this.#load()
    for (const logged of entries) if (positionOf(logged.id) > this.#position) this.#take(logged)
    this.#known = positionOf(last.id)
    return isMore && last !== first ? this.#listen(last) : true
  }

  /** Loads the latest entries: older ones are represented by the marks in the store. */
  async #load(): Promise<boolean> {
    const first = entryToWire(this.#parts.instance, 0, undefined)
    this.#heard = ''
    const askedAt = this.#parts.timing.now()
    const entries = (await this.#ask(LOAD, [String(AT_ONCE), first]))?.entries.toReversed()
    const last = entries?.at(-1)
    if (entries === undefined || last === undefined) return false
    const heard = this.#heard
    this.#heard = undefined
    this.#last = last
    this.#position = positionOf(last.id)
    this.#known = this.#position
    // Ids of another log may be lower.
    this.#own = 0n
    await this.#reader.restarted(entries, positionOf(entries[0]?.id ?? ''), askedAt)
    // It may have arrived after the read.
    return heard === '' || heard === last.id || this.#listen(last)
  }

  async #ask(script: Script, args: readonly string[]): Promise<Reading | undefined> {
    const { commands, names, timing } = this.#parts
    const sentAt = timing.now()
    const keys = script === LOAD ? [names.log, names.marks('f'), names.marks('h')] : [names.log]
    const isClustered = this.#isClustered && !commands.isOneNode
    const answer = await commands.run({ script, keys, args: [...args, isClustered ? '1' : ''] })
    if (!answer.ok) return undefined
    const reading = readingOf(answer.reply)
    this.#isClustered = isClustered && reading.epoch !== ''
    this.#reader.time(reading.time, sentAt)
    this.#reader.epoch(reading.epoch)
    if (!reading.isMore) this.#reader.readAll(sentAt)
    return reading
  }

  #take(logged: Logged): void {
    this.#last = logged
    this.#position = positionOf(logged.id)
    const entry = entryFromWire(logged.text)
    if (entry !== undefined) this.#reader.entry(entry, this.#position)
  }
}

type Fields = readonly unknown[] | undefined
type Parts = readonly [time: Fields, entries: Fields, more: unknown, epoch: unknown]

interface Reading {
  /** The server's time, milliseconds. */
  readonly time: number
  readonly entries: readonly Logged[]
  readonly isMore: boolean
  readonly epoch: string
}

function readingOf(reply: unknown): Reading {
  const [[seconds, micros] = [], entries = [], more, epoch] = reply as Parts
  const time = Number(textOf(seconds)) * 1_000 + Number(textOf(micros)) / 1_000
  return { time, entries: entries.map(loggedOf), isMore: Number(more) === 1, epoch: textOf(epoch) }
}

function loggedOf(entry: unknown): Logged {
  const [id, fields = []] = entry as readonly [unknown, Fields]
  return { id: textOf(id), text: textOf(fields[1]) }
}
