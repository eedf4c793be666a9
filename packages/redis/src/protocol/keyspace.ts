import { createHash } from 'node:crypto'
import type { Space } from './change.ts'

/** The longest key that is stored in readable form, bytes. */
const READABLE_BYTES = 200
/** The longest tag that tables list in readable form, characters. */
const READABLE_MARK = 64
/** The major version of the protocol: other versions use other keys. */
const MAJOR = 1

/** The keys and channels of the fleet. */
export class Keyspace {
  /** The log of changes. */
  readonly log: string
  /** The channel that announces changes. */
  readonly changes: string
  /** The prefix of an instance's channel. */
  readonly wakePrefix: string
  readonly #namespace: string

  constructor(namespace: string) {
    this.#namespace = namespace
    this.log = `${namespace}:${MAJOR}:{${namespace}}:log`
    this.changes = `${namespace}:${MAJOR}:inv`
    this.wakePrefix = `${namespace}:${MAJOR}:w:`
  }

  /** The key of a record. It shares a hash tag with its lease, so that one script may use both in a cluster. */
  record(name: string): string {
    return `${this.#namespace}:${MAJOR}:{${this.#namespace}/${name}}:v`
  }

  lease(name: string): string {
    return `${this.#namespace}:${MAJOR}:{${this.#namespace}/${name}}:l`
  }

  /** The tombstone of a changed record, for as long as a copy of older work may arrive. */
  tombstone(name: string): string {
    return `${this.#namespace}:${MAJOR}:{${this.#namespace}/${name}}:x`
  }

  /** The last invalidation of each mark of a space: in the slot of the log, since one script writes both. */
  marks(space: Space): string {
    return `${this.#namespace}:${MAJOR}:{${this.#namespace}}:t:${space}`
  }
}

/** The name of a function's key in the store: readable if short, and unique. */
export function nameOfFunction(key: string): string {
  return `f/${shortened(key)}`
}

/** The name of a response's key: a digest, since the key may hold credentials. */
export function nameOfResponse(key: string): string {
  return `h/${digestOf(key)}`
}

/**
 * The mark of everything that is invalidated together: everything with a tag or, without a tag, everything in a space.
 * Clients may choose how long a tag is.
 */
export function markOf(space: Space, tag?: string): string {
  if (tag === undefined) return space
  return `${space}:${tag.length <= READABLE_MARK && !tag.startsWith('#') ? tag : digestOf(tag)}`
}

/**
 * A text that begins like a digest is digested too, and so is one that UTF-8 cannot encode: otherwise two keys could
 * have one name.
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
