import type { Terms } from './record.ts'

/** What a fleet is run with; durations are milliseconds. */
export interface Settings {
  readonly namespace: string
  readonly lease: number
  readonly timeout: number
  readonly poll: number | undefined
  readonly heartbeat: number
  readonly degradedTtl: number
  readonly maxUnverified: number
  readonly maxEntryBytes: number
  readonly terms: Terms
  /** Entries of the log. */
  readonly logLength: number
}
