import type { LocalTier } from '../../../core/src/fleet/shared-store.ts'
import type { Clock } from '@stampede/core'
import type { Post } from './post.ts'
import type { Server } from './server.ts'
import type { Change, FakeTier } from './tier.ts'

/** What a tier knows of its fleet. */
export interface Wires {
  readonly clock: Required<Clock>
  readonly post: Post
  isDown(): boolean
  serverOf(space: LocalTier['space']): Server
  /** Tells all others of the same space. */
  tell(change: Change, by: FakeTier): void
  /** For when the server is there again. */
  queue(change: () => void): void
  leave(tier: FakeTier): void
}
