import { crc32 } from 'node:zlib'
import type { Each, NewRecord } from '@stampede/core'
import { bufferOf, newToken, tokenBytes, tokenOf } from '../base/bytes.ts'
import type { Signer } from './signer.ts'

/*
 * A record's bytes, all numbers big-endian:
 *
 *      0  'S' 'T'   2  format   3  flags   4  length of meta   8  version (16)
 *     24  asOf: position in the log when the work began   32  stored at, ms, fleet's clock (6)   38  codec   39  0
 *     40  freshness lifetime   44  stale-while-revalidate   48  stale-if-error   52  duration of the work: ms
 *     56  length of body   60  CRC-32 of all else   64  meta: JSON   body   signature (32), if flag 16
 */
const HEADER = 64
const CHECKSUM = 60
const SIGNATURE = 32
const FORMAT = 1
const MAGIC = 0x5354
const RAW = 0
/** An infinite duration. The longest finite one in a record is one less, 49 days. */
const FOREVER = 0xffff_ffff
/** The longest time that a record stays in the store, whatever its lifetime. */
const LONGEST_STAY = 7 * 24 * 3_600_000
/** The shortest time that a record stays in the store, milliseconds: waiting processes read it a moment later. */
const HAND_OVER_STAY = 2_000

const VERSION_BYTES = 16
const HANDED_OVER = 1
const PASS = 2
/** In a marker: each process does its own work, for all of its callers. */
const EACH_PROCESS = 4
const SIGNED = 16

/** Metadata of a record that its author does not provide. */
export interface RecordMetadata {
  readonly version: Uint8Array
  readonly asOf: bigint
  readonly storedAt: number
  /** The name of its actual key. */
  readonly alias?: string | undefined
}

/** Options that must be equal for two releases to read each other's records. */
export interface RecordOptions {
  readonly schema: string
  readonly signer: Signer | undefined
}

interface Meta {
  readonly m?: unknown
  readonly t?: readonly string[]
  readonly a?: string
  readonly s?: string
}

/** A decoded record, before any check whether it may be used. */
export interface DecodedRecord {
  readonly version: string
  readonly body: Uint8Array
  readonly meta: unknown
  readonly tags: readonly string[]
  readonly alias: string | undefined
  readonly asOf: bigint
  readonly storedAt: number
  readonly isHandedOver: boolean
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  readonly duration: number
}

/** Encodes a record. `name`: its place in the store; a signature is valid only there. */
export function encode(made: NewRecord, stamp: RecordMetadata, terms: RecordOptions, name: string): Buffer {
  const meta = metaOf(made, stamp, terms)
  const body = typeof made.body === 'string' ? Buffer.from(made.body) : made.body
  const bytes = Buffer.alloc(HEADER + meta.length + body.length + signatureBytes(terms))
  bytes.set(meta, HEADER)
  bytes.set(body, HEADER + meta.length)
  writeHeader(bytes, stamp, made.ttl > 0 ? 0 : HANDED_OVER)
  bytes.writeUInt32BE(meta.length, 4)
  writeDurations(bytes, made)
  bytes.writeUInt32BE(body.length, 56)
  return sealed(bytes, terms, name)
}

/** Whether a body may be stored. */
export function fits({ body }: NewRecord, maxBytes: number): boolean {
  return (typeof body === 'string' ? Buffer.byteLength(body) : body.length) <= maxBytes
}

/** States that the results of a key are not shared. */
export interface Marker {
  /** The position in the log from which it holds. */
  readonly asOf: bigint
  readonly each: Each
}

/** Encodes a marker: a record without metadata and body. */
export function passMarker({ asOf, each }: Marker, terms: RecordOptions, name: string): Buffer {
  const bytes = Buffer.alloc(HEADER + signatureBytes(terms))
  const stamp = { version: tokenBytes(newToken()), asOf, storedAt: 0 }
  writeHeader(bytes, stamp, each === 'process' ? PASS | EACH_PROCESS : PASS)
  return sealed(bytes, terms, name)
}

/** Decodes a marker; `undefined` for anything else, and for other options. */
export function markerIn(bytes: Uint8Array, terms: RecordOptions, name: string): Marker | undefined {
  const buffer = bufferOf(bytes)
  if (!isSound(buffer, terms, name) || !isMarker(buffer)) return undefined
  const isOfProcess = (buffer.readUInt8(3) & EACH_PROCESS) !== 0
  return { asOf: buffer.readBigUInt64BE(24), each: isOfProcess ? 'process' : 'caller' }
}

/** How long the store must keep the record, milliseconds. */
export function retentionOf(made: NewRecord): number {
  if (!(made.ttl > 0)) return HAND_OVER_STAY
  const stay = made.ttl + Math.max(made.staleWhileRevalidate, made.staleIfError, 0)
  return Math.max(HAND_OVER_STAY, Math.ceil(Math.min(stay, LONGEST_STAY)))
}

/** Decodes a record; `undefined` for anything else, and for other options. */
export function decode(bytes: Uint8Array, terms: RecordOptions, name: string): DecodedRecord | undefined {
  const buffer = bufferOf(bytes)
  if (!isSound(buffer, terms, name) || isMarker(buffer)) return undefined
  const metaEnd = HEADER + buffer.readUInt32BE(4)
  const meta = parseMeta(buffer, metaEnd)
  if (meta === undefined || (meta.s ?? '') !== terms.schema) return undefined
  const flags = buffer.readUInt8(3)
  return {
    version: buffer.toString('latin1', 8, 24),
    body: bytes.subarray(metaEnd, metaEnd + buffer.readUInt32BE(56)),
    meta: meta.m,
    tags: meta.t ?? [],
    alias: meta.a,
    asOf: buffer.readBigUInt64BE(24),
    storedAt: buffer.readUIntBE(32, 6),
    isHandedOver: (flags & HANDED_OVER) !== 0,
    ttl: durationAt(buffer, 40),
    staleWhileRevalidate: durationAt(buffer, 44),
    staleIfError: durationAt(buffer, 48),
    duration: durationAt(buffer, 52),
  }
}

/** The version of a record that was made here. */
export function versionBytes(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(8, 8 + VERSION_BYTES)
}

/** The version of any stored bytes, so that their replacement can be requested. */
export function versionIn(bytes: Uint8Array): string | undefined {
  return bytes.length < 24 ? undefined : tokenOf(versionBytes(bytes))
}

function writeHeader(bytes: Buffer, stamp: RecordMetadata, flags: number): void {
  bytes.writeUInt16BE(MAGIC, 0)
  bytes.writeUInt8(FORMAT, 2)
  bytes.writeUInt8(flags, 3)
  bytes.set(stamp.version, 8)
  bytes.writeBigUInt64BE(stamp.asOf, 24)
  bytes.writeUIntBE(Math.max(0, Math.floor(stamp.storedAt)), 32, 6)
  bytes.writeUInt8(RAW, 38)
}

function signatureBytes({ signer }: RecordOptions): number {
  return signer === undefined ? 0 : SIGNATURE
}

/** Written last: the checksum, and the signature in the space reserved for it. */
function sealed(bytes: Buffer, terms: RecordOptions, name: string): Buffer {
  const { signer } = terms
  const end = bytes.length - signatureBytes(terms)
  if (signer !== undefined) bytes.writeUInt8(bytes.readUInt8(3) | SIGNED, 3)
  bytes.writeUInt32BE(checksum(bytes, end), CHECKSUM)
  if (signer !== undefined) bytes.set(signer.sign(name, bytes.subarray(0, end)), end)
  return bytes
}

function writeDurations(bytes: Buffer, made: NewRecord): void {
  const durations = [made.ttl, made.staleWhileRevalidate, made.staleIfError, made.duration]
  for (const [index, ms] of durations.entries()) {
    const written = ms === Number.POSITIVE_INFINITY ? FOREVER : Math.min(FOREVER - 1, Math.max(0, Math.ceil(ms)))
    bytes.writeUInt32BE(written, 40 + index * 4)
  }
}

function durationAt(bytes: Buffer, offset: number): number {
  const ms = bytes.readUInt32BE(offset)
  return ms === FOREVER ? Number.POSITIVE_INFINITY : ms
}

function metaOf(made: NewRecord, stamp: RecordMetadata, terms: RecordOptions): Uint8Array {
  const meta: Meta = {
    ...(made.meta === undefined ? {} : { m: made.meta }),
    ...(made.tags.length === 0 ? {} : { t: made.tags }),
    ...(stamp.alias === undefined ? {} : { a: stamp.alias }),
    ...(terms.schema === '' ? {} : { s: terms.schema }),
  }
  const text = JSON.stringify(meta)
  return Buffer.from(text === '{}' ? '' : text)
}

function isSound(bytes: Buffer, terms: RecordOptions, name: string): boolean {
  if (bytes.length < HEADER || !isOurs(bytes)) return false
  const isSigned = (bytes.readUInt8(3) & SIGNED) !== 0
  const end = HEADER + bytes.readUInt32BE(4) + bytes.readUInt32BE(56)
  if (bytes.length !== end + (isSigned ? SIGNATURE : 0)) return false
  if (bytes.readUInt32BE(CHECKSUM) !== checksum(bytes, end)) return false
  if (terms.signer === undefined) return true
  return isSigned && terms.signer.verify(name, bytes.subarray(0, end), bytes.subarray(end))
}

/** A record or a marker, in a format and a codec that this release supports. */
function isOurs(bytes: Buffer): boolean {
  return bytes.readUInt16BE(0) === MAGIC && bytes.readUInt8(2) === FORMAT && bytes.readUInt16BE(38) === RAW
}

function isMarker(bytes: Buffer): boolean {
  return (bytes.readUInt8(3) & PASS) !== 0
}

function checksum(bytes: Buffer, end: number): number {
  return crc32(bytes.subarray(HEADER, end), crc32(bytes.subarray(0, CHECKSUM)))
}

function parseMeta(bytes: Buffer, end: number): Meta | undefined {
  if (end === HEADER) return {}
  try {
    const meta: unknown = JSON.parse(bytes.toString('utf8', HEADER, end))
    return isMeta(meta) ? meta : undefined
  } catch {
    return undefined
  }
}

function isMeta(value: unknown): value is Meta {
  if (typeof value !== 'object' || value === null) return false
  const { t = [], a = '', s = '' } = value as Readonly<Record<string, unknown>>
  return Array.isArray(t) && t.every(tag => typeof tag === 'string') && typeof a === 'string' && typeof s === 'string'
}
