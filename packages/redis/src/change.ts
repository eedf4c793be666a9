/** What was changed from outside: keys, each as it is told, all that bears a tag, or everything in a space. */
export interface Change {
  readonly space: Space
  readonly told?: readonly string[]
  readonly tags?: readonly string[]
}

export type Space = 'f' | 'h'

/** An entry of the log: who wrote it, which one of his it is, and what it says. */
export interface LogEntry {
  readonly instance: string
  readonly count: number
  /** Nothing for the entry that a log begins with. */
  readonly change: Change | undefined
}

interface WireEntry {
  readonly i?: unknown
  readonly n?: unknown
  readonly s?: unknown
  readonly k?: unknown
  readonly t?: unknown
}

export function entryToWire(instance: string, count: number, change: Change | undefined): string {
  const { space, told, tags } = change ?? {}
  return JSON.stringify({ i: instance, n: count, s: space, k: told, t: tags } satisfies WireEntry)
}

/** Undefined where it is not to be understood: a foreign entry, or one of a later release. */
export function entryFromWire(text: string): LogEntry | undefined {
  let wire: WireEntry | null
  try {
    wire = JSON.parse(text) as WireEntry | null
  } catch {
    return undefined
  }
  if (typeof wire !== 'object' || wire === null) return undefined
  const { i, n, s, k, t } = wire
  if (typeof i !== 'string' || typeof n !== 'number') return undefined
  if (s === undefined) return { instance: i, count: n, change: undefined }
  if ((s !== 'f' && s !== 'h') || !isList(k) || !isList(t)) return undefined
  return {
    instance: i,
    count: n,
    change: { space: s, ...(k === undefined ? {} : { told: k }), ...(t === undefined ? {} : { tags: t }) },
  }
}

function isList(value: unknown): value is readonly string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every(item => typeof item === 'string'))
}

/** A position in the log that can be compared and stands in 8 bytes: milliseconds, and a number within them. */
export function positionOf(id: string): bigint {
  const [ms = '0', sequence = '0'] = id.split('-')
  return /^\d{1,15}$/.test(ms) && /^\d{1,20}$/.test(sequence) ? BigInt(ms) * 65_536n + BigInt(sequence) : 0n
}
