import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DecodedRecord,
  decode,
  encode,
  markerIn,
  type RecordOptions,
  versionIn,
} from '../../src/protocol/record.ts'
import { Signer } from '../../src/protocol/signer.ts'
import { recordAt } from '../../src/protocol/stored-record.ts'

const NAME = 'f/key'
const TERMS: RecordOptions = { schema: '', signer: undefined }
const SIGNED: RecordOptions = { schema: '', signer: new Signer(['secret']) }
const STAMP = { version: Buffer.from('version-16-bytes'), asOf: 1n, storedAt: 1_700_000_000_000 }

interface Forged {
  readonly header: Uint8Array
  readonly flags: number
  readonly meta: string
  readonly body: Uint8Array
  /** How much longer than they are the header says that meta and body are. */
  readonly more: readonly [number, number]
}

/** What begins as a record does, and has the checksum of one: only what it says of itself may be wrong. */
function forge({ header, flags, meta, body, more }: Forged): Buffer {
  const text = Buffer.from(meta)
  const bytes = Buffer.concat([header, text, body])
  bytes.set([0x53, 0x54, 1, flags])
  bytes.writeUInt32BE((text.length + more[0]) >>> 0, 4)
  bytes.writeUInt16BE(0, 38)
  bytes.writeUInt32BE((body.length + more[1]) >>> 0, 56)
  bytes.writeUInt32BE(crc32(bytes.subarray(64), crc32(bytes.subarray(0, 60))), 60)
  return bytes
}

const length = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer())
const field = fc.oneof(fc.string(), fc.array(fc.oneof(fc.string(), fc.jsonValue())), fc.jsonValue())
const meta = fc.oneof(
  fc.string(),
  fc.json(),
  fc
    .dictionary(fc.constantFrom('m', 't', 'a', 's', '__proto__', 'constructor'), field)
    .map(said => JSON.stringify(said)),
)
const forged: fc.Arbitrary<Forged> = fc.record({
  header: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  flags: fc.nat(15),
  meta,
  body: fc.uint8Array({ maxLength: 100 }),
  more: fc.oneof({ weight: 3, arbitrary: fc.constant([0, 0] as const) }, fc.tuple(length, length)),
})

/** All that others rely on without asking. */
function isWhole(record: DecodedRecord): boolean {
  const { tags, alias, body, asOf, isHandedOver } = record
  const durations = [record.ttl, record.staleWhileRevalidate, record.staleIfError, record.duration, record.storedAt]
  return (
    Array.isArray(tags) &&
    tags.every(tag => typeof tag === 'string') &&
    (alias === undefined || typeof alias === 'string') &&
    body instanceof Uint8Array &&
    typeof asOf === 'bigint' &&
    typeof isHandedOver === 'boolean' &&
    durations.every(ms => ms >= 0) &&
    typeof recordAt(0, record, String).isFor('key') === 'boolean'
  )
}

function read(bytes: Uint8Array): DecodedRecord | undefined {
  versionIn(bytes)
  for (const terms of [TERMS, SIGNED]) markerIn(bytes, terms, NAME)
  expect(decode(bytes, SIGNED, NAME)).toBeUndefined()
  return decode(bytes, TERMS, NAME)
}

describe('whatever stands in a record’s place', () => {
  it('is a miss, and no trouble, where it is any bytes', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      expect(read(bytes)).toBeUndefined()
    })
    fc.assert(property)
  })

  it('is a whole record or none, where it has a record’s form and checksum', () => {
    let records = 0
    const property = fc.property(forged, made => {
      const record = read(forge(made))
      if (record === undefined) return true
      records += 1
      return isWhole(record)
    })
    fc.assert(property, { numRuns: 2_000 })
    expect(records).toBeGreaterThan(20)
  })

  it('is none where it says that it is longer than anything', () => {
    const made = { header: new Uint8Array(64), flags: 0, meta: '{}', body: new Uint8Array(4) }
    for (const more of [0xffff_ffff - 2, 0x7fff_ffff, 1, -1] as const) {
      expect(read(forge({ ...made, more: [more, 0] }))).toBeUndefined()
      expect(read(forge({ ...made, more: [0, more] }))).toBeUndefined()
      // What is too much of the one and too little of the other is of the right length.
      expect(read(forge({ ...made, more: [more, -more] }))).toBeUndefined()
    }
  })

  it('changes nothing but itself, whatever it calls its fields', () => {
    const said = '{"__proto__":{"t":["x"],"polluted":1},"m":{"__proto__":{"polluted":1}},"t":["a","a"]}'
    const record = read(
      forge({ header: new Uint8Array(64), flags: 0, meta: said, body: new Uint8Array(), more: [0, 0] }),
    )
    expect(record?.tags).toEqual(['a', 'a'])
    expect('polluted' in {}).toBe(false)
    expect(record?.meta).not.toHaveProperty('polluted')
    expect(JSON.stringify(record?.meta)).toBe('{"__proto__":{"polluted":1}}')
  })

  it('may have any number of tags', () => {
    const tags = Array.from({ length: 50_000 }, (_, index) => `tag ${index}`)
    const made = { body: '', meta: null, tags, ttl: 1, staleWhileRevalidate: 0, staleIfError: 0, duration: 0 }
    expect(decode(encode(made, STAMP, TERMS, NAME), TERMS, NAME)?.tags).toEqual(tags)
  })
})
