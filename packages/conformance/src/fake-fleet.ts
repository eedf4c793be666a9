import type { LocalTier, SharedStore, SharedStoreEvent } from '../../core/src/fleet/shared-store.ts'
import { Post, type Letter, type Way } from './fake-fleet/post.ts'
import { Server } from './fake-fleet/server.ts'
import { FakeTier } from './fake-fleet/tier.ts'
import type { Wires } from './fake-fleet/wires.ts'
import type { Tally } from './gate.ts'
import type { Clock } from '@stampede/core'

export interface FakeFleetOptions {
  readonly clock: Required<Clock>
  /** How long, milliseconds, a lease holds that is not renewed. */
  readonly lease?: number
  /** What its stores say. */
  readonly degradedTtl?: number
}

/**
 * A server in memory that processes share, with all that the contract of a shared store promises. Time is the clock's alone;
 * whatever is sent arrives in a microtask, unless it is held.
 */
export class FakeFleet {
  readonly #post = new Post()
  readonly #servers: Readonly<Record<LocalTier['space'], Server>>
  readonly #tiers = new Map<FakeTier, SharedStore>()
  readonly #dead = new Set<SharedStore>()
  readonly #queue: (() => void)[] = []
  readonly #degradedTtl: number
  readonly #wires: Wires<FakeTier>
  #isDown = false

  constructor({ clock, lease = 1_000, degradedTtl = 5_000 }: FakeFleetOptions) {
    this.#servers = { f: new Server(clock, lease), h: new Server(clock, lease) }
    this.#degradedTtl = degradedTtl
    this.#wires = {
      clock,
      post: this.#post,
      isDown: () => this.#isDown,
      serverOf: space => this.#servers[space],
      tell: (change, by) => {
        for (const tier of this.#tiers.keys()) {
          if (tier !== by && tier.local.space === by.local.space) void this.#deliver(tier, change)
        }
      },
      queue: change => void this.#queue.push(change),
      leave: tier => void this.#tiers.delete(tier),
    }
  }

  /** What its processes have sent, by name, and `waiting`: the acquires that wait for another process's work. */
  get sent(): Tally {
    return this.#post.sent
  }

  /** No process works. */
  get isIdle(): boolean {
    return Object.values(this.#servers).every(({ isIdle }) => isIdle)
  }

  /** One process's store. */
  store(): SharedStore {
    const store: SharedStore = {
      join: local => {
        const tier = new FakeTier(local, this.#wires, this.#degradedTtl)
        tier.isDead = this.#dead.has(store)
        this.#tiers.set(tier, store)
        return tier
      },
    }
    return store
  }

  /** Holds what is sent: a request before the server has it, a reply after it took effect. */
  hold(letter: Letter, way: Way = 'reply'): void {
    this.#post.hold(letter, way)
  }

  /** Lets go of what is held; of everything, where it is not said of what. */
  release(letter?: Letter, way: Way = 'reply'): void {
    if (letter === undefined) this.#post.releaseAll()
    else this.#post.release(letter, way)
  }

  /** The server stops answering: processes are on their own, changes are kept for later, and leases expire. */
  stop(): void {
    this.#isDown = true
    for (const server of Object.values(this.#servers)) server.stop()
    for (const tier of this.#tiers.keys()) tier.breakOff()
    this.#emit({ type: 'breaker', state: 'open', reason: 'the store does not answer' })
  }

  /** The server is back with what it had, `empty` without: first it gets the changes that it missed. */
  start({ isEmpty = false }: { readonly isEmpty?: boolean } = {}): void {
    this.#isDown = false
    for (const server of Object.values(this.#servers)) {
      server.start()
      if (isEmpty) server.wipe()
    }
    for (const change of this.#queue.splice(0)) change()
    this.#emit({ type: 'breaker', state: 'closed', reason: 'the store answers' })
    this.#emit({ type: 'resync', flushed: isEmpty })
    if (isEmpty) for (const tier of this.#tiers.keys()) tier.local.dropAll()
  }

  /** A process that stalls: its leases expire, and it receives nothing. What it sends still reaches the server. */
  kill(store: SharedStore): void {
    this.#dead.add(store)
    for (const [tier, its] of this.#tiers) {
      if (its === store) for (const server of Object.values(this.#servers)) server.bury(tier)
    }
  }

  /** It goes on; it may have missed changes, so it drops all that it has. */
  revive(store: SharedStore): void {
    this.#dead.delete(store)
    for (const [tier, its] of this.#tiers) {
      if (its !== store) continue
      for (const server of Object.values(this.#servers)) server.unearth(tier)
      tier.local.dropAll()
      tier.local.emit({ type: 'resync', flushed: true })
    }
  }

  async #deliver(tier: FakeTier, change: (local: LocalTier) => void): Promise<void> {
    await this.#post.bring('drop', 'reply')
    if (!tier.isDead && this.#tiers.has(tier)) change(tier.local)
  }

  #emit(event: SharedStoreEvent): void {
    for (const tier of this.#tiers.keys()) tier.local.emit(event)
  }
}
