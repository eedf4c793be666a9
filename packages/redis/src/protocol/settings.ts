import type { RecordOptions } from './record.ts'

/** The settings of a fleet; durations are milliseconds. */
export interface Settings {
  readonly namespace: string
  readonly leaseTtl: number
  readonly commandTimeout: number
  readonly pollInterval: number | undefined
  readonly syncInterval: number
  readonly degradedTtl: number
  readonly maxDisconnected: number
  readonly maxEntryBytes: number
  readonly record: RecordOptions
  /** Entries of the log. */
  readonly logLength: number
}
