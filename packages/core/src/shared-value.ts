import { ownBytes } from './own-bytes.ts'
import type { NewRecord, SharedRecord } from './shared-store.ts'

/** How a value stands in its record: as it is, or as JSON. */
type Form = 'bytes' | 'buffer' | 'text' | 'json' | 'undefined'

type Encoded = Pick<NewRecord, 'body' | 'meta'>

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
/** UTF-8 has no form for half of a pair. */
const LONE_SURROGATE = /\p{Surrogate}/u

interface BufferMaker {
  from(memory: ArrayBufferLike, offset: number, length: number): Uint8Array
}

/** A value for other processes. @throws {TypeError} for one that would be another one there, saying where */
export function encodeValue(value: unknown): Encoded {
  if (value === undefined) return encoded('undefined', '')
  if (typeof value === 'string' && !LONE_SURROGATE.test(value)) return encoded('text', value)
  if (value instanceof Uint8Array) return encodeBytes(value)
  const problem = problemOf(value, '')
  if (problem !== undefined) throw new TypeError(`stampede: a value cannot be shared with other processes: ${problem}`)
  return encoded('json', JSON.stringify(value))
}

/** The value of a record. @throws {TypeError} for one that is not understood */
export function decodeValue({ body, meta }: Pick<SharedRecord, 'body' | 'meta'>): unknown {
  const form = meta as Form
  if (form === 'undefined') return undefined
  if (form === 'text') return decoder.decode(body)
  if (form === 'json') return JSON.parse(decoder.decode(body))
  const { buffer, byteOffset, byteLength } = ownBytes(body)
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

/** What JSON would change of a value without a word, and where. A cycle is for `JSON.stringify` to find. */
function problemOf(value: unknown, path: string, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null) return isTold(value) ? undefined : at(path, shown(value))
  if (depth > MOST_DEPTH) return at(path, 'deeper than can be told')
  const parts = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return problemOfClass(value, path, parts.length) ?? firstProblem(parts, path, depth)
}

/** Whether JSON has a form for it. */
function isTold(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  return value === null || typeof value === 'string' || typeof value === 'boolean'
}

function shown(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  return value === undefined ? 'undefined' : `a ${typeof value}`
}

function problemOfClass(value: object, path: string, parts: number): string | undefined {
  const isList = Array.isArray(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== (isList ? Array.prototype : Object.prototype) && (isList || prototype !== null))
    return at(path, `a ${nameOf(value)}`)
  if ('toJSON' in value) return at(path, 'an object with toJSON')
  // The length of an array is a property too.
  const isWhole = Reflect.ownKeys(value).length === (isList ? parts + 1 : parts)
  return isWhole ? undefined : at(path, 'an object with properties that JSON leaves out')
}

const MOST_DEPTH = 500

function firstProblem(
  parts: readonly (readonly [string | number, unknown])[],
  path: string,
  depth: number,
): string | undefined {
  for (const [name, part] of parts) {
    const problem = problemOf(part, `${path}[${JSON.stringify(name)}]`, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function at(path: string, what: string): string {
  return `${what}${path === '' ? '' : ` at ${path.slice(0, 200)}`}; it takes bytes, text, and what JSON has a form for`
}

function nameOf(value: object): string {
  const { constructor } = value
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'object of a class'
}
