import type { SharedStore } from '../../core/src/fleet/shared-store.ts'

/** What a case asks of the stores that it is given. */
export interface StoresAsked {
  /** How long, milliseconds, a lease holds that is not renewed. */
  readonly lease: number
}

/** Processes that share a server, as far as a case has to do with them. */
export interface MountedStores {
  /** The store of one more process: in a namespace of its own, or in the other one of that kind. */
  process(namespace?: 'own' | 'other'): SharedStore | Promise<SharedStore>
  /** Resolves once that holds, and lets time go by until it does; fails where it does not within `ms`. */
  until(holds: () => boolean | Promise<boolean>, ms?: number): Promise<void>
  /** Milliseconds, on the clock by which that time goes. */
  now(): number
  /** Lets go of all that the processes have open. Their tiers are closed before. */
  close(): Promise<void>
}

/** Sets up stores for one case. */
export type MountStores = (asked: StoresAsked) => Promise<MountedStores>
