import { copyBytes } from '../../base/copy-bytes.ts'
import type { NewRecord, SharedRecord } from '../../fleet/shared-store.ts'

/** The form of a value in its record: as it is, or as JSON. */
type Form = 'bytes' | 'buffer' | 'text' | 'json' | 'undefined'

type Encoded = Pick<NewRecord, 'body' | 'meta'>

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
/** UTF-8 cannot encode half of a surrogate pair. */
const LONE_SURROGATE = /\p{Surrogate}/u

const MOST_DEPTH = 500
/** Bounds on how long a value may block its process. A part counts as often as it is serialized. */
const MOST_PARTS = 1_000_000
const CHARACTERS_A_PART = 64

interface BufferMaker {
  from(memory: ArrayBufferLike, offset: number, length: number): Uint8Array
}

/** Serializes a value. @throws {TypeError} for a value that would change, naming the place */
export function encodeValue(value: unknown): Encoded {
  if (value === undefined) return encoded('undefined', '')
  if (typeof value === 'string' && !LONE_SURROGATE.test(value)) return encoded('text', value)
  if (value instanceof Uint8Array) return encodeBytes(value)
  const problem = new Inspection().problemOf(value)
  if (problem !== undefined) throw new TypeError(`stampede: a value cannot be shared with other processes: ${problem}`)
  return encoded('json', JSON.stringify(value))
}

/** Deserializes a value. @throws {TypeError} for an unreadable record */
export function decodeValue({ body, meta }: Pick<SharedRecord, 'body' | 'meta'>): unknown {
  const form = meta as Form
  if (form === 'undefined') return undefined
  if (form === 'text') return decoder.decode(body)
  if (form === 'json') return JSON.parse(decoder.decode(body))
  const { buffer, byteOffset, byteLength } = copyBytes(body)
  if (form === 'bytes') return new Uint8Array(buffer, byteOffset, byteLength)
  const { Buffer } = globalThis as { readonly Buffer?: BufferMaker }
  if (form === 'buffer' && Buffer !== undefined) return Buffer.from(buffer, byteOffset, byteLength)
  throw new TypeError('stampede: a record of the shared store has a form that is not known here')
}

function encodeBytes(value: Uint8Array): Encoded {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Uint8Array.prototype) return encoded('bytes', value)
  const { Buffer } = globalThis as { readonly Buffer?: { readonly prototype: unknown } }
  if (Buffer !== undefined && prototype === Buffer.prototype) return encoded('buffer', value)
  throw new TypeError('stampede: a value cannot be shared with other processes: it is a class of bytes of its own')
}

function encoded(form: Form, body: Uint8Array | string): Encoded {
  return { body, meta: form }
}

/** Finds what JSON would silently change in a value, and where. A cycle counts as too deep. */
class Inspection {
  /** A part that occurs several times is serialized each time: a small value may become larger than all memory. */
  #left = MOST_PARTS
  /** The path to the problem, from its end. */
  readonly #path: (string | number)[] = []

  problemOf(value: unknown): string | undefined {
    const problem = this.#problemOf(value, 0)
    if (problem === undefined) return undefined
    const path = this.#path.reduceRight<string>((way, name) => `${way}[${JSON.stringify(name)}]`, '')
    return `${problem}${path && ` at ${path.slice(0, 200)}`}; it takes bytes, text, and what JSON has a form for`
  }

  #problemOf(value: unknown, depth: number): string | undefined {
    this.#left -= 1
    if (typeof value === 'string') this.#count(value)
    if (this.#left < 0) return 'too large to be told'
    if (typeof value !== 'object' || value === null) return isTold(value) ? undefined : shown(value)
    if (depth > MOST_DEPTH) return 'deeper than can be told'
    return Array.isArray(value) ? this.#problemOfList(value, depth) : this.#problemOfObject(value, depth)
  }

  #problemOfList(list: readonly unknown[], depth: number): string | undefined {
    // A sparse array may claim any length.
    if (list.length > this.#left) return 'too large to be told'
    const problem = problemOfClass(list, list.length + 1)
    if (problem !== undefined) return problem
    for (let index = 0; index < list.length; index += 1) {
      const within = this.#problemOfProperty(list, index, depth)
      if (within !== undefined) return this.#at(index, within)
    }
    return undefined
  }

  #problemOfObject(value: object, depth: number): string | undefined {
    const names = Object.keys(value)
    const problem = problemOfClass(value, names.length)
    if (problem !== undefined) return problem
    for (const name of names) {
      this.#count(name)
      const within = this.#problemOfProperty(value, name, depth)
      if (within !== undefined) return this.#at(name, within)
    }
    return undefined
  }

  #problemOfProperty(owner: object, name: string | number, depth: number): string | undefined {
    const property = Object.getOwnPropertyDescriptor(owner, name)
    // JSON would call it again, and might get another result.
    return property?.get === undefined ? this.#problemOf(property?.value, depth + 1) : 'a getter'
  }

  #count(text: string): void {
    this.#left -= text.length / CHARACTERS_A_PART
  }

  #at(name: string | number, problem: string): string {
    this.#path.push(name)
    return problem
  }
}

/** Whether JSON can express the value. */
function isTold(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  return value === null || typeof value === 'string' || typeof value === 'boolean'
}

function shown(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  return value === undefined ? 'undefined' : `a ${typeof value}`
}

/** @param properties how many it may have: the length of an array counts as one */
function problemOfClass(value: object, properties: number): string | undefined {
  const isList = Array.isArray(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== (isList ? Array.prototype : Object.prototype) && (isList || prototype !== null))
    return `a ${nameOf(value)}`
  if ('toJSON' in value) return 'an object with toJSON'
  return Reflect.ownKeys(value).length === properties ? undefined : 'an object with properties that JSON leaves out'
}

function nameOf(value: object): string {
  const { constructor } = value
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'object of a class'
}
