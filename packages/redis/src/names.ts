import { createHash } from 'node:crypto'

/** The longest key, bytes, that stands in the store as it is. */
const READABLE_BYTES = 200
/** The protocol's major version: scripts of another one touch other keys. */
const MAJOR = 1

/** Which keys and channels of the store are ours. */
export class Names {
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

  /** Where the id of a tag's last invalidation is: in the log's slot, since one script writes both. */
  tag(mark: string): string {
    return `${this.#namespace}:${MAJOR}:{${this.#namespace}}:t:${mark.slice(0, 2)}${shortened(mark.slice(2))}`
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

/** What is invalidated together, in the tables of a process: a tag of a space, or all that is in it. */
export function markOf(space: string, tag?: string): string {
  return tag === undefined ? space : `${space}:${tag}`
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
