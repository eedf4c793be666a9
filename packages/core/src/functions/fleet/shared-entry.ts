import { type Entry, entryWithOverrides } from '../state/entry.ts'
import type { Settings } from '../state/function-options.ts'
import type { FunctionState } from '../state/function-state.ts'
import { decodeValue } from './shared-value.ts'
import type { SharedRecord } from '../../fleet/shared-store.ts'
import { withWindows } from '../state/stale-windows.ts'

/** What identifies the entry of a record. */
interface AskedFor {
  readonly key: string
  readonly settings: Settings
}

/** The entry of a record that another process stored; `undefined` for an unreadable record. */
export function entryOfRecord<Value>(
  state: FunctionState<Value>,
  { key, settings }: AskedFor,
  record: SharedRecord,
): Entry<Value> | undefined {
  try {
    const value = decodeValue(record) as Value
    const now = state.clock.now()
    const { tags, duration, version } = record
    const own = withWindows(settings, record)
    // Whole milliseconds take half the memory of fractions.
    const [storedAt, freshUntil] = [Math.floor(now - record.age), Math.floor(now + record.ttl)]
    const bytes = state.bytesOf(value, key) ?? Number.POSITIVE_INFINITY
    const from = { key, settings: own, promise: Promise.resolve(value) }
    const about = { settings: own, storedAt, freshUntil, duration, bytes, tags, isFailure: false, version }
    return entryWithOverrides(from, value, about)
  } catch (error) {
    state.emit?.({ type: 'error', key, error })
    return undefined
  }
}
