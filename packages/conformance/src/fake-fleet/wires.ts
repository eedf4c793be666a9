import type { LocalTier } from '../../../core/src/fleet/shared-store.ts'
import type { Clock } from '@stampede/core'
import type { Post } from './post.ts'
import type { Server } from './server.ts'

/** A change that is published to the others. */
export type Change = (local: LocalTier) => void

/** A process's part in the fleet, as the wires know it. */
interface Plugged {
  readonly local: LocalTier
  readonly isDead: boolean
}

/** What a tier knows of its fleet. */
export interface Wires<Tier extends Plugged> {
  readonly clock: Required<Clock>
  readonly post: Post
  isDown(): boolean
  serverOf(space: LocalTier['space']): Server
  /** Tells all others of the same space. */
  tell(change: Change, by: Tier): void
  /** For when the server is there again. */
  queue(change: () => void): void
  leave(tier: Tier): void
}
