import { textOf } from '../base/bytes.ts'

/** The longest published error, bytes of JSON. */
const LONGEST = 8_192
const LONGEST_TEXT = 2_000

interface WireError {
  readonly n?: string
  readonly m?: string
  readonly c?: string | number
  readonly s?: number
  readonly t?: number
  /** Whether the message may be shown to clients, as in Koa and http-errors. */
  readonly x?: boolean
  /** The thrown value, if it was no Error. */
  readonly v?: unknown
}

/** Serializes an error, as far as other processes get it. */
export function errorToWire(error: unknown): string {
  try {
    return jsonOf(error)
  } catch {
    return JSON.stringify({ n: 'Error', m: 'an error that cannot be told' })
  }
}

/** Deserializes the error of another process. */
export function errorFromWire(bytes: Uint8Array): unknown {
  const wire = parsed(bytes)
  if (wire === undefined) return new Error('another process failed, and what it said of it cannot be read')
  if ('v' in wire) return wire.v
  const error = new Error(typeof wire.m === 'string' ? wire.m : '')
  define(error, 'name', typeof wire.n === 'string' ? wire.n : 'Error')
  if (isCode(wire.c)) define(error, 'code', wire.c, true)
  if (typeof wire.s === 'number') define(error, 'status', wire.s, true)
  if (typeof wire.t === 'number') define(error, 'statusCode', wire.t, true)
  if (typeof wire.x === 'boolean') define(error, 'expose', wire.x, true)
  return error
}

function parsed(bytes: Uint8Array): WireError | undefined {
  try {
    const wire: unknown = JSON.parse(textOf(bytes))
    return typeof wire === 'object' && wire !== null ? wire : undefined
  } catch {
    return undefined
  }
}

function jsonOf(error: unknown): string {
  if (!(error instanceof Error)) return fitting(JSON.stringify({ v: error ?? null }), String(error))
  const { code, status, statusCode, expose } = error as Error & Readonly<Record<string, unknown>>
  const wire: WireError = {
    n: error.name.slice(0, LONGEST_TEXT),
    m: error.message.slice(0, LONGEST_TEXT),
    ...(isCode(code) ? { c: typeof code === 'string' ? code.slice(0, LONGEST_TEXT) : code } : {}),
    ...(typeof status === 'number' ? { s: status } : {}),
    ...(typeof statusCode === 'number' ? { t: statusCode } : {}),
    ...(typeof expose === 'boolean' ? { x: expose } : {}),
  }
  return fitting(JSON.stringify(wire), error.name)
}

function fitting(text: string, instead: string): string {
  return text.length <= LONGEST ? text : JSON.stringify({ n: 'Error', m: instead.slice(0, LONGEST_TEXT) })
}

function isCode(code: unknown): code is string | number {
  return typeof code === 'string' || typeof code === 'number'
}

function define(error: Error, name: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, name, { value, enumerable, configurable: true, writable: true })
}
