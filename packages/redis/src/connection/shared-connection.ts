import { randomBytes } from 'node:crypto'
import { tryOr } from '../base/try-or.ts'
import { Breaker } from '../availability/breaker.ts'
import type { Change } from '../protocol/change.ts'
import { Resync } from '../availability/resync.ts'
import { Changes } from '../changes/changes.ts'
import { Commands } from '../protocol/commands.ts'
import { DeadlineClock } from '../base/deadline-clock.ts'
import { FleetClock } from '../base/fleet-clock.ts'
import { LogConsumer } from '../changes/log-consumer.ts'
import { Log, type Logged } from '../changes/log.ts'
import { LocalCaches } from '../changes/local-caches.ts'
import { Keyspace } from '../protocol/keyspace.ts'
import { Outbox } from '../changes/outbox.ts'
import type { RedisDriver } from '../protocol/driver.ts'
import type { Settings } from '../protocol/settings.ts'
import { Subscription } from './subscription.ts'
import { InvalidationIndex } from '../changes/invalidation-index.ts'
import { after, type Timing } from '../base/timing.ts'
import { StalenessWatchdog } from '../availability/staleness-watchdog.ts'
import { Waiters } from './waiters.ts'

/** How long the first callers wait for the first connection, as a multiple of a command's time limit. */
const START_LIMITS = 3

/** The connection of this process: one log and one breaker for all Stampedes that use the store. */
export class SharedConnection {
  readonly instance: string = randomBytes(9).toString('base64url')
  readonly settings: Settings
  readonly timing: Timing
  readonly names: Keyspace
  readonly commands: Commands
  readonly changes: Changes
  readonly log: Log
  readonly waiters: Waiters = new Waiters()
  readonly invalidations: InvalidationIndex = new InvalidationIndex()
  readonly localCaches: LocalCaches = new LocalCaches()
  readonly clock: FleetClock
  readonly #driver: RedisDriver
  readonly #breaker: Breaker
  readonly #deadlines: DeadlineClock
  readonly #subscription: Subscription
  readonly #isStarted: Promise<void>
  #started: () => void = () => {}
  #isStarting = true
  #wasFlushed = false
  readonly #watchdog: StalenessWatchdog
  readonly #logConsumer: LogConsumer
  readonly #resync: Resync
  readonly #stops: (() => void)[] = []
  #stopSync: () => void = () => {}

  constructor(driver: RedisDriver, settings: Settings, timing: Timing, outbox: Outbox = new Outbox()) {
    this.#driver = driver
    this.settings = settings
    this.timing = timing
    this.names = new Keyspace(settings.namespace)
    this.clock = new FleetClock(timing)
    this.#watchdog = new StalenessWatchdog(timing, settings.maxDisconnected, () => this.#unverified())
    this.#breaker = new Breaker(timing, {
      probe: () => this.#probe(),
      opened: reason => this.#opened(reason),
      closed: reason => this.#closed(reason),
    })
    this.#deadlines = new DeadlineClock(timing, settings.commandTimeout)
    this.commands = new Commands(driver, this.#deadlines, this.#breaker)
    const { commands, names, instance } = this
    this.log = new Log(
      { commands, names, instance, timing, clock: this.clock },
      {
        entry: (entry, position) => this.#applied(this.#logConsumer.entry(entry, position)),
        restarted: (entries, first, askedAt) => this.#restarted(entries, first, askedAt),
        time: (ms, sentAt) => this.clock.read(ms, sentAt),
        epoch: epoch => this.changes.keys.saw(epoch, timing.now()),
        readAll: sentAt => this.#watchdog.renew(sentAt),
        caughtUp: () => this.localCaches.emit({ type: 'resync', flushed: false }),
      },
    )
    this.#subscription = new Subscription(
      driver,
      [names.wakePrefix + instance, names.changes],
      (channel, message) => this.#received(channel, message),
      () => void (this.isUsable && this.log.read()),
    )
    const keyNames = this.localCaches.names
    this.changes = new Changes({
      keyNames,
      commands,
      names,
      instance,
      timing,
      log: this.log,
      invalidations: this.invalidations,
      logLength: settings.logLength,
      outbox,
    })
    this.#logConsumer = new LogConsumer(this)
    this.#resync = new Resync(this)
    this.#isStarted = new Promise(resolve => {
      this.#started = resolve
    })
  }

  /** Whether the store may be read. */
  get isUsable(): boolean {
    return this.#breaker.isClosed
  }

  /** Whether changes may be sent: also while the store is not read yet. */
  get takesChanges(): boolean {
    return this.isUsable || this.#resync.isTelling
  }

  /** Whether messages arrive. */
  get isListening(): boolean {
    return this.#subscription.isListening
  }

  /** How long to wait before polling for messages that may have been lost, milliseconds. */
  get poll(): number {
    return this.settings.pollInterval ?? (this.isListening ? 250 : 50)
  }

  start(): void {
    const ready = tryOr(() => this.#driver.onReady?.(() => this.#connected()), undefined)
    if (typeof ready === 'function') this.#stops.push(ready)
    const clock = new DeadlineClock(this.timing, START_LIMITS * this.settings.commandTimeout)
    clock.start(() => this.#notReached())
    this.#stops.push(() => clock.stop())
    this.#beatLater()
    this.#watchdog.start()
    this.#breaker.probe()
  }

  /** Whether the store may be used, once the first connection has succeeded or failed. */
  async settled(): Promise<boolean> {
    if (this.#isStarting) await this.#isStarted
    return this.isUsable
  }

  /** Something is inconsistent: nothing is read until it is repaired. */
  distrust(reason: string): void {
    this.#breaker.open(reason, true)
  }

  async close(): Promise<void> {
    this.#breaker.stop()
    this.#stopSync()
    this.#watchdog.stop()
    this.#endStart()
    for (const stop of this.#stops) tryOr(stop, undefined)
    this.waiters.releaseAll()
    this.#deadlines.stop()
    try {
      await this.#driver.close?.()
    } catch {
      // A connection that cannot be closed is gone already.
    }
  }

  /** Whether changes of others may have been missed for too long. */
  get isUnverified(): boolean {
    return this.#watchdog.isOver
  }

  #probe(): Promise<boolean> {
    this.#subscription.begin()
    return this.#resync.done()
  }

  #opened(reason: string): void {
    this.#resync.stop()
    this.#wasFlushed = false
    // Nothing waits for a reply either: the last command would wait longest.
    this.#deadlines.stop()
    this.waiters.releaseAll()
    this.localCaches.emit({ type: 'breaker', state: 'open', reason })
  }

  #closed(reason: string): void {
    const isFirst = this.#isStarting
    this.#endStart()
    if (isFirst) return
    if (!this.#wasFlushed) this.localCaches.emit({ type: 'resync', flushed: false })
    this.localCaches.emit({ type: 'breaker', state: 'closed', reason })
  }

  #unverified(): void {
    this.#breaker.open('changes of others cannot be read')
    this.localCaches.dropAll()
  }

  /** The first callers have waited long enough. */
  #notReached(): void {
    if (!this.#isStarting) return
    this.#endStart()
    this.localCaches.emit({ type: 'breaker', state: 'open', reason: 'the server was not reached yet' })
  }

  #endStart(): void {
    this.#isStarting = false
    this.#started()
  }

  #connected(): void {
    if (this.isUsable) void this.log.read()
    else this.#breaker.probe()
  }

  #beatLater(): void {
    const ms = Math.min(this.settings.syncInterval, this.#watchdog.interval)
    this.#stopSync = after(this.timing, ms, () => {
      this.#beatLater()
      this.#subscription.begin()
      if (this.isUsable) void this.#beat()
    })
  }

  async #beat(): Promise<void> {
    await this.log.read()
    await this.changes.lookAtKeys()
    this.#checkLost()
  }

  #received(channel: string, message: Uint8Array): void {
    if (channel === this.names.changes) this.log.announced(message)
    else this.waiters.deliver(message)
  }

  #applied(change: Change | undefined): void {
    if (change !== undefined) this.localCaches.drop(change)
  }

  async #restarted(entries: readonly Logged[], first: bigint, askedAt: number): Promise<void> {
    this.#logConsumer.restarted(entries, first)
    if (this.#isStarting) return
    this.#wasFlushed = true
    this.localCaches.dropAll()
    this.localCaches.emit({ type: 'resync', flushed: true })
    // If they cannot be looked up, they are published again.
    await this.changes.lookUp(first)
    this.changes.republish(askedAt)
    this.#checkLost()
  }

  /** Lost changes are published again before anything is read. */
  #checkLost(): void {
    if (!this.changes.outbox.isEmpty) this.distrust('changes of ours were lost')
  }
}
