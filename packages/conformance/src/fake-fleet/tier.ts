import type {
  Acquire,
  LocalTier,
  NewRecord,
  SharedLease,
  SharedRecord,
  SharedTier,
  AcquireResult,
} from '../../../core/src/fleet/shared-store.ts'
import { toldError, toShared } from './stored.ts'
import type { Held, Member, Wake } from './held.ts'
import type { Server } from './server.ts'
import type { Letter } from './post.ts'
import type { Change, Wires } from './wires.ts'

const DOWN: AcquireResult = { kind: 'local', reason: 'the store does not answer' }
const CLOSED: AcquireResult = { kind: 'local', reason: 'the store is closed' }

/** One Stampede's part in a fake fleet. */
export class FakeTier implements SharedTier, Member {
  readonly degradedTtl: number
  readonly local: LocalTier
  isDead = false
  readonly #wires: Wires<FakeTier>
  readonly #server: Server
  readonly #leases = new Set<Held>()
  /** Acquires that wait for the store to say something. */
  readonly #asking = new Set<(turn: AcquireResult) => void>()
  #isClosed = false

  constructor(local: LocalTier, wires: Wires<FakeTier>, degradedTtl: number) {
    this.local = local
    this.degradedTtl = degradedTtl
    this.#wires = wires
    this.#server = wires.serverOf(local.space)
  }

  async read(key: string): Promise<SharedRecord | undefined> {
    return this.#call('read', undefined, () => {
      const stored = this.#server.read(key)
      return stored && toShared(stored, this.#wires.clock.now())
    })
  }

  async acquire(key: string, asked: Acquire): Promise<AcquireResult> {
    const { post } = this.#wires
    post.sent.add('acquire')
    return new Promise(resolve => {
      this.#asking.add(resolve)
      const answer = (turn: AcquireResult): void => void this.#answer(turn, resolve)
      const ask = async (): Promise<void> => {
        await post.bring('acquire', 'request')
        if (!this.#asking.has(resolve)) return
        if (this.#isCutOff()) answer(this.#isClosed ? CLOSED : DOWN)
        else this.#server.acquire(key, { member: this, asked, done: answer, onWait: () => post.sent.add('waiting') })
      }
      void ask()
    })
  }

  lead(held: Held): AcquireResult {
    this.#leases.add(held)
    return { kind: 'lead', lease: this.#leaseOf(held) }
  }

  allow(key: string): void {
    void this.#call('settle', undefined, () => this.#server.allow(key))
  }

  set(key: string, made: NewRecord): Promise<boolean> {
    return this.#change(
      'set',
      () => this.#server.set(key, made),
      local => local.drop([key]),
    )
  }

  invalidate(keys: readonly string[]): Promise<boolean> {
    return this.#change(
      'invalidate',
      () => this.#server.invalidate(keys),
      local => local.drop(keys),
    )
  }

  invalidateTags(tags: readonly string[]): Promise<boolean> {
    return this.#change(
      'invalidate',
      () => this.#server.invalidateTags(tags),
      local => local.dropTags(tags),
    )
  }

  clear(): Promise<boolean> {
    return this.#change(
      'invalidate',
      () => this.#server.clear(),
      local => local.dropAll(),
    )
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.breakOff(CLOSED)
    for (const held of this.#leases) this.#server.settle(held, () => undefined)
    this.#leases.clear()
    this.#wires.leave(this)
    await Promise.resolve()
  }

  /** All that is asked for is answered with this. */
  breakOff(turn: AcquireResult = DOWN): void {
    this.#server.dismiss(turn, this)
    for (const resolve of this.#asking) resolve(turn)
    this.#asking.clear()
  }

  #isCutOff(): boolean {
    return this.#isClosed || this.#wires.isDown()
  }

  /** Gives back a lease whose reply arrives when no caller waits for it any more. */
  async #answer(turn: AcquireResult, resolve: (turn: AcquireResult) => void): Promise<void> {
    await this.#wires.post.bring('acquire', 'reply')
    if (this.#asking.delete(resolve)) resolve(turn)
    else if (turn.kind === 'lead') turn.lease.release()
  }

  async #call<T>(letter: Letter, otherwise: T, act: () => T): Promise<T> {
    const { post } = this.#wires
    post.sent.add(letter)
    await post.bring(letter, 'request')
    if (this.#isCutOff()) return otherwise
    const result = act()
    await post.bring(letter, 'reply')
    return this.#wires.isDown() ? otherwise : result
  }

  async #change(letter: Letter, act: () => void, change: Change): Promise<boolean> {
    const { post } = this.#wires
    const tell = (): void => {
      act()
      this.#wires.tell(change, this)
    }
    post.sent.add(letter)
    await post.bring(letter, 'request')
    if (this.#isClosed) return false
    if (this.#wires.isDown()) {
      this.#wires.queue(tell)
      return false
    }
    tell()
    await post.bring(letter, 'reply')
    return true
  }

  #leaseOf(held: Held): SharedLease {
    return {
      version: held.token,
      commit: async made => {
        if (!this.#leases.delete(held)) return 'fenced'
        return this.#call<'stored' | 'fenced' | 'unknown'>('commit', 'unknown', () => this.#server.commit(held, made))
      },
      fail: error => {
        const told = toldError(error)
        void this.#settle(held, () => ({ kind: 'fail', error: told }))
      },
      pass: (ms, each) => {
        if (this.#leases.delete(held)) void this.#call('settle', undefined, () => this.#server.pass(held, ms, each))
      },
      release: () => void this.#settle(held, () => undefined),
    }
  }

  async #settle(held: Held, wake: Wake): Promise<void> {
    if (this.#leases.delete(held)) await this.#call('settle', undefined, () => this.#server.settle(held, wake))
  }
}
