/** A change by the app: of keys, in their published form, of everything that has a tag, or of everything in a space. */
export interface Change {
  readonly space: Space
  readonly keys?: readonly string[]
  readonly tags?: readonly string[]
}

export type Space = 'f' | 'h'

/** An entry of the log: its author, its number among the author's entries, and the change. */
export interface LogEntry {
  readonly instance: string
  readonly count: number
  /** `undefined` for the first entry of a log. */
  readonly change: Change | undefined
}

type WireEntry = Readonly<Record<'i' | 'n' | 's' | 'k' | 't', unknown>>

export function entryToWire(instance: string, count: number, change: Change | undefined): string {
  const { space, keys, tags } = change ?? {}
  return JSON.stringify({ i: instance, n: count, s: space, k: keys, t: tags } satisfies WireEntry)
}

/** The beginning of every entry for this change, and of no other entry. */
export function headOf(instance: string, count: number): string {
  return entryToWire(instance, count, undefined).replace('}', ',')
}

/** `undefined` for an unreadable entry: foreign, or of a later release. */
export function entryFromWire(text: string): LogEntry | undefined {
  const wire = parsed(text)
  if (typeof wire?.i !== 'string' || typeof wire.n !== 'number') return undefined
  const author = { instance: wire.i, count: wire.n }
  if (wire.s === undefined) return { ...author, change: undefined }
  const change = changeIn(wire)
  return change === undefined ? undefined : { ...author, change }
}

function changeIn({ s: space, k: keys, t: tags }: WireEntry): Change | undefined {
  if ((space !== 'f' && space !== 'h') || !isList(keys) || !isList(tags)) return undefined
  return { space, ...(keys === undefined ? {} : { keys }), ...(tags === undefined ? {} : { tags }) }
}

function parsed(text: string): WireEntry | undefined {
  try {
    const wire: unknown = JSON.parse(text)
    return typeof wire === 'object' && wire !== null ? (wire as WireEntry) : undefined
  } catch {
    return undefined
  }
}

function isList(value: unknown): value is readonly string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every(item => typeof item === 'string'))
}

/** Ids with later milliseconds are foreign. The margin leaves room for ids that follow one of them. */
const LATEST_MS = 2n ** 48n - 2n ** 20n
const LAST = 2n ** 64n - 1n

/** A position in the log, in 8 bytes and comparable: milliseconds, and a number within them. */
export function positionOf(id: string): bigint {
  const [ms = '0', sequence = '0'] = id.split('-')
  if (!/^\d{1,20}$/.test(ms) || !/^\d{1,20}$/.test(sequence)) return 0n
  return least(least(BigInt(ms), LATEST_MS) * 65_536n + BigInt(sequence), LAST)
}

/** Milliseconds since 1970, by the server's clock. */
export function msOf(position: bigint): number {
  return Number(position / 65_536n)
}

export function idOf(position: bigint): string {
  return `${position / 65_536n}-${position % 65_536n}`
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}

/** The number of positions per millisecond that the scores of marks distinguish. */
export const SCORE_STEP = 1_024

/** The last position that the score of a mark may represent. */
export function positionOfScore(text: string): bigint {
  const score = Number(text)
  if (text === '' || !Number.isSafeInteger(score) || score < 0) return LAST
  const sequence = score % SCORE_STEP
  const ms = (score - sequence) / SCORE_STEP
  return BigInt(ms) * 65_536n + BigInt(sequence === SCORE_STEP - 1 ? 65_535 : sequence)
}

/** How long the store remembers a change of a key for late commands, milliseconds. */
export const TOMBSTONE_RETENTION = 60_000
