import type { HttpStats } from './http-stats.ts'

/** What an app may ask of an adapter. The functions may be passed on by themselves. */
export interface HttpControls {
  /** Counts since the start, and what is held now. */
  readonly stats: () => HttpStats
  /** Drops all that is stored, and fences what is in flight. */
  readonly clear: () => void
}
