import { createHash } from 'node:crypto'
import type { Space } from './change.ts'

/** The longest key, bytes, that stands in the store as it is. */
const READABLE_BYTES = 200
/** The longest tag, characters, that tables list as it is. */
const READABLE_MARK = 64
/** The protocol's major version: scripts of another one touch other keys. */
const MAJOR = 1

/** Which keys and channels of the store are ours. */
export class Keyspace {
  /** Where the log of changes is. */
  readonly log: string
  /** Where changes are announced. */
  readonly changes: string
  /** What the channel of an instance begins with. */
  readonly wakePrefix: string
  readonly #namespace: string

  constructor(namespace: string) {
    this.#namespace = namespace
    this.log = `${namespace}:${MAJOR}:{${namespace}}:log`
    this.changes = `${namespace}:${MAJOR}:inv`
    this.wakePrefix = `${namespace}:${MAJOR}:w:`
  }

  /** Where the record of a name is. One hash tag for it and its lease, so that one script may touch both in a cluster. */
  record(name: string): string {
    return `${this.#namespace}:${MAJOR}:{${this.#namespace}/${name}}:v`
  }

  lease(name: string): string {
    return `${this.#namespace}:${MAJOR}:{${this.#namespace}/${name}}:l`
  }

  /** What is left behind where a record was changed from outside, for as long as a copy of older work could come. */
  tombstone(name: string): string {
    return `${this.#namespace}:${MAJOR}:{${this.#namespace}/${name}}:x`
  }

  /** Where it stands when each mark of a space was last invalidated: in the log's slot, since one script writes both. */
  marks(space: Space): string {
    return `${this.#namespace}:${MAJOR}:{${this.#namespace}}:t:${space}`
  }
}

/** The name of a function's key in the store: readable where that is short, and never the same for two keys. */
export function nameOfFunction(key: string): string {
  return `f/${shortened(key)}`
}

/** The name of a response's key: such a key may hold credentials, which nobody is to read in the store. */
export function nameOfResponse(key: string): string {
  return `h/${digestOf(key)}`
}

/**
 * What is invalidated together, in the tables of a process and of the store: what bears a tag, or, without one, all of a
 * space. A client may choose how long a tag is.
 */
export function markOf(space: Space, tag?: string): string {
  if (tag === undefined) return space
  return `${space}:${tag.length <= READABLE_MARK && !tag.startsWith('#') ? tag : digestOf(tag)}`
}

/**
 * What begins like a digest is digested too, and so is what has no form in UTF-8: else two keys could have one name.
 */
function shortened(text: string): string {
  const isReadable = !text.startsWith('#') && Buffer.byteLength(text) <= READABLE_BYTES && isWellFormed(text)
  return isReadable ? text : digestOf(text)
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

function digestOf(text: string): string {
  return `#${createHash('sha256').update(text, 'utf16le').digest('base64url')}`
}
