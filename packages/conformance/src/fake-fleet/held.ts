import type { Acquire, AcquireResult } from '../../../core/src/fleet/shared-store.ts'

/** A process as the server knows it. */
export interface Member {
  /** Dead or cut off: it renews nothing. */
  isDead: boolean
  /** Makes the lease's handle, once it has it. */
  lead(held: Held): AcquireResult
}

/** A lease as the server keeps it. */
export interface Held {
  readonly key: string
  readonly token: string
  readonly member: Member
  readonly since: number
  readonly timeout: number
  /** The changes that there had been when it was given. */
  readonly asOf: number
  readonly waiters: Set<Waiter>
  /** Takes back the timer at which it lapses. */
  stopTimer: () => void
  lapsesAt: number
}

export interface Waiter {
  readonly member: Member
  readonly asked: Acquire
  /** The changes that there had been when it began to wait. */
  readonly since: number
  /** When it has waited long enough. */
  readonly until: number
  readonly stopTimer: () => void
  readonly done: (turn: AcquireResult) => void
}

/** The outcome for waiting processes. */
export type Wake = (waiter: { readonly since: number }) => AcquireResult | undefined

export interface Asking {
  readonly member: Member
  readonly asked: Acquire
  readonly done: (turn: AcquireResult) => void
  readonly onWait: () => void
}
