import type { Each, NewRecord, AcquireResult } from '../../../core/src/fleet/shared-store.ts'
import type { Clock } from '@stampede/core'
import { Changes } from './changes.ts'
import type { Asking, Held, Member, Waiter, Wake } from './held.ts'
import { isGone, type Stored, toShared, toStored } from './stored.ts'

/** The longest delay that a timer can have. */
const MAX_DELAY = 2 ** 31 - 1

/** The shared state of all processes, for one space of keys. Every call takes effect at once; `done` reports it to the caller. */
export class Server {
  readonly #clock: Required<Clock>
  readonly #lease: number
  readonly #records = new Map<string, Stored>()
  readonly #leases = new Map<string, Held>()
  readonly #passed = new Map<string, { readonly until: number; readonly each: Each }>()
  readonly #changes = new Changes()
  #versions = 0
  #isDown = false

  constructor(clock: Required<Clock>, lease: number) {
    this.#clock = clock
    this.#lease = lease
  }

  get isIdle(): boolean {
    return this.#leases.size === 0
  }

  read(key: string): Stored | undefined {
    const stored = this.#records.get(key)
    return stored && !isGone(stored, this.#clock.now()) && this.#changes.isCurrent(stored.made.tags, stored.asOf)
      ? stored
      : undefined
  }

  acquire(key: string, asking: Asking, collapsed = false): void {
    const { member, asked, done } = asking
    const stored = asked.reject === 'any' ? undefined : this.read(key)
    const now = this.#clock.now()
    const passed = this.#passed.get(key)
    if (stored && stored.version !== asked.reject) done({ kind: 'hit', record: toShared(stored, now), collapsed })
    else if (passed !== undefined && passed.until > now) done({ kind: 'pass', each: passed.each })
    else {
      const held = this.#leases.get(key)
      if (!held) done(member.lead(this.#give(key, member, asked.timeout)))
      else if (asked.wait <= 0) done({ kind: 'busy' })
      else this.#wait(held, asking)
    }
  }

  /** Stores for the key, and for the alias unless that was changed meanwhile. */
  commit(held: Held, made: NewRecord): 'stored' | 'fenced' {
    if (!this.isHeld(held)) return 'fenced'
    const now = this.#clock.now()
    const stored = toStored(made, { key: held.key, version: held.token, now, asOf: held.asOf })
    const isCurrent = this.#changes.isCurrent(made.tags, held.asOf)
    if (isCurrent) this.#store(held, stored)
    this.settle(held, waiter =>
      isCurrent || !this.#changes.isKnownToBeOld(made.tags, held.asOf, waiter.since)
        ? { kind: 'hit', record: toShared(stored, now), collapsed: true }
        : undefined,
    )
    return isCurrent ? 'stored' : 'fenced'
  }

  pass(held: Held, ms: number, each: Each): void {
    if (!this.isHeld(held)) return
    this.#records.delete(held.key)
    this.#passed.set(held.key, { until: this.#clock.now() + ms, each })
    this.settle(held, () => ({ kind: 'pass', each }))
  }

  allow(key: string): void {
    this.#passed.delete(key)
  }

  isHeld(held: Held): boolean {
    return this.#leases.get(held.key) === held
  }

  /** The lease ends. Those whom `wake` has nothing for ask again, in the order in which they came. */
  settle(held: Held, wake: Wake): void {
    if (!this.isHeld(held)) return
    this.#leases.delete(held.key)
    held.stopTimer()
    const left: Waiter[] = []
    for (const waiter of held.waiters) {
      waiter.stopTimer()
      const turn = wake(waiter)
      if (turn) waiter.done(turn)
      else left.push(waiter)
    }
    for (const waiter of left) this.#askAgain(held.key, waiter)
  }

  set(key: string, made: NewRecord): void {
    const keys = made.alias === undefined ? [key] : [key, made.alias]
    for (const its of keys) this.#change(its)
    const now = this.#clock.now()
    this.#versions += 1
    const stored = toStored(made, { key, version: `v${this.#versions}`, now, asOf: this.#changes.count })
    if (made.ttl > 0) for (const its of keys) this.#records.set(its, stored)
    for (const its of keys) this.#fence(its)
  }

  invalidate(keys: readonly string[]): void {
    for (const key of keys) this.#change(key)
    for (const key of keys) this.#fence(key)
  }

  invalidateTags(tags: readonly string[]): void {
    this.#changes.ofTags(tags)
  }

  clear(): void {
    const keys = [...new Set([...this.#records.keys(), ...this.#passed.keys(), ...this.#leases.keys()])]
    this.invalidate(keys)
  }

  /** The member renews nothing from now on. */
  bury(member: Member): void {
    member.isDead = true
    for (const held of this.#leases.values()) {
      if (held.member === member) this.#lapseAt(held, this.#lastRenewal(held) + this.#lease)
      for (const waiter of held.waiters) if (waiter.member === member) this.#forget(held, waiter)
    }
  }

  /** The member is at work again, and renews what it still has. */
  unearth(member: Member): void {
    member.isDead = false
    for (const held of this.#leases.values()) if (held.member === member) this.#lapseAt(held, this.#end(held))
  }

  /** All waiting processes, or those of one member, get this result. */
  dismiss(turn: AcquireResult, member?: Member): void {
    for (const held of this.#leases.values()) {
      for (const waiter of held.waiters) {
        if (member !== undefined && waiter.member !== member) continue
        this.#forget(held, waiter)
        waiter.done(turn)
      }
    }
  }

  /** Nothing reaches it: leases are not renewed. */
  stop(): void {
    this.#isDown = true
    for (const held of this.#leases.values()) this.#lapseAt(held, this.#lastRenewal(held) + this.#lease)
  }

  start(): void {
    this.#isDown = false
    for (const held of this.#leases.values()) if (!held.member.isDead) this.#lapseAt(held, this.#end(held))
  }

  /** It lost all that it had. */
  wipe(): void {
    this.#records.clear()
    this.#passed.clear()
    for (const held of this.#leases.values()) this.settle(held, () => undefined)
  }

  #give(key: string, member: Member, timeout: number): Held {
    this.#versions += 1
    const since = this.#clock.now()
    const token = `v${this.#versions}`
    const waiters = new Set<Waiter>()
    const held: Held = {
      key,
      token,
      member,
      since,
      timeout,
      asOf: this.#changes.count,
      waiters,
      stopTimer: () => {},
      lapsesAt: 0,
    }
    this.#leases.set(key, held)
    this.#lapseAt(held, member.isDead || this.#isDown ? since + this.#lease : this.#end(held))
    return held
  }

  #wait(held: Held, { member, asked, done, onWait }: Asking): void {
    const stopTimer = this.#after(asked.wait, () => {
      held.waiters.delete(waiter)
      done({ kind: 'local', reason: 'it took longer than the wait' })
    })
    const until = this.#clock.now() + asked.wait
    const waiter: Waiter = { member, asked, since: this.#changes.count, until, stopTimer, done }
    held.waiters.add(waiter)
    onWait()
  }

  /** The wait of a process that asks again ends at its original time. */
  #askAgain(key: string, { member, asked, done, until }: Waiter): void {
    const wait = Math.max(1, until - this.#clock.now())
    this.acquire(key, { member, asked: { ...asked, wait }, done, onWait: () => {} }, true)
  }

  /** A record for waiting processes alone replaces the existing record too. */
  #store(held: Held, stored: Stored): void {
    const { alias, ttl } = stored.made
    const keys = alias === undefined || this.#changes.hasKeyChanged(alias, held.asOf) ? [held.key] : [held.key, alias]
    for (const key of keys) {
      if (ttl > 0) this.#records.set(key, stored)
      else this.#records.delete(key)
      this.#passed.delete(key)
    }
  }

  #forget(held: Held, waiter: Waiter): void {
    waiter.stopTimer()
    held.waiters.delete(waiter)
  }

  #change(key: string): void {
    this.#changes.ofKey(key)
    this.#records.delete(key)
    this.#passed.delete(key)
  }

  #fence(key: string): void {
    const held = this.#leases.get(key)
    if (held) this.settle(held, () => undefined)
  }

  /** Renewals are a third of the lease apart, until the work may take no longer. */
  #lastRenewal({ since, timeout }: Held): number {
    const third = this.#lease / 3
    return since + Math.floor(Math.min(this.#clock.now() - since, timeout) / third) * third
  }

  /** When a lease lapses that is renewed for as long as it may be. */
  #end({ since, timeout }: Held): number {
    const third = this.#lease / 3
    return timeout === Infinity ? Infinity : since + Math.floor(timeout / third) * third + this.#lease
  }

  #lapseAt(held: Held, at: number): void {
    held.stopTimer()
    held.lapsesAt = at
    held.stopTimer = this.#after(at - this.#clock.now(), () => this.settle(held, () => undefined))
  }

  #after(ms: number, callback: () => void): () => void {
    if (ms > MAX_DELAY) return () => {}
    const timer = this.#clock.setTimeout(callback, ms)
    return () => this.#clock.clearTimeout(timer)
  }
}
