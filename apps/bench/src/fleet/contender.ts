/** Where the values come from. */
export type Load = () => Promise<string>

/** A cache over a Redis, as one process has it. */
export interface Subject {
  get(key: string, load: Load): Promise<string>
  /** Drops a key in all processes. */
  invalidate(key: string): Promise<unknown>
  /** Removes everything with the tag in all processes. */
  invalidateTag?(tag: string): Promise<unknown>
  close(): Promise<unknown>
}

/** What a subject is opened with. */
export interface Setting {
  /** Where its Redis is, on the loopback address. */
  readonly port: number
  /** How many entries it may have in its own memory, where it has one. */
  readonly entries: number
}

/** Something to measure. */
export interface FleetContender {
  readonly name: string
  /** The package that it comes from; the table shows its version. */
  readonly package?: string
  /** What the reader must allow for when holding it against the others, in one sentence. */
  readonly allowance?: string
  readonly open: (setting: Setting) => Promise<Subject>
}

/** Milliseconds that a value stays fresh: longer than any run. */
export const TTL = 3_600_000
export const SECOND = 1_000

/** Keys with this prefix have this tag. */
const TAGGED = 'tagged:'
export const TAG = 'all'

export function plainKey(index: number): string {
  return `plain:${index}`
}

export function taggedKey(index: number): string {
  return `${TAGGED}${index}`
}

export function tagsOf(key: string): readonly string[] {
  return key.startsWith(TAGGED) ? [TAG] : []
}
