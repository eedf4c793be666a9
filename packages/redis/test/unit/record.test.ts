import type { NewRecord } from '@stampede/core'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decode, encode, markerIn, passMarker, retentionOf, versionIn } from '../../src/protocol/record.ts'
import { Signer } from '../../src/protocol/signer.ts'
import { recordAt } from '../../src/protocol/stored-record.ts'

const TERMS = { schema: '', signer: undefined }
const SIGNED = { schema: '', signer: new Signer(['new', 'old']) }
const MARKER = { asOf: 123n, each: 'caller' } as const
const STAMP = { version: Buffer.from('version-16-bytes'), asOf: 123n, storedAt: 1_700_000_000_000 }
const MADE: NewRecord = {
  body: 'body',
  meta: { status: 200 },
  tags: ['a', 'b'],
  ttl: 1_000,
  staleWhileRevalidate: 2_000,
  staleIfError: Number.POSITIVE_INFINITY,
  duration: 12.5,
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value
  bytes.writeUInt32BE(crc32(bytes.subarray(64), crc32(bytes.subarray(0, 60))), 60)
  return bytes
}

it('reads what it wrote', () => {
  const record = decode(encode(MADE, { ...STAMP, alias: 'f/other' }, TERMS, 'f/key'), TERMS, 'f/key')
  expect(record).toEqual({
    version: 'version-16-bytes',
    body: Buffer.from('body'),
    meta: { status: 200 },
    tags: ['a', 'b'],
    alias: 'f/other',
    asOf: 123n,
    storedAt: 1_700_000_000_000,
    isHandedOver: false,
    ttl: 1_000,
    staleWhileRevalidate: 2_000,
    staleIfError: Number.POSITIVE_INFINITY,
    duration: 13,
  })
})

it('takes no long duration for one without end', () => {
  const days = 24 * 3_600_000
  const record = decode(encode({ ...MADE, ttl: 60 * days }, STAMP, TERMS, 'f/key'), TERMS, 'f/key')
  expect(record?.ttl).toBe(2 ** 32 - 2)
})

it.each([TERMS, SIGNED])('reads nothing from bytes that were cut off or changed anywhere', terms => {
  const whole = encode(MADE, STAMP, terms, 'f/key')
  for (let length = 0; length < whole.length; length += 1) {
    expect(decode(whole.subarray(0, length), terms, 'f/key')).toBeUndefined()
  }
  expect(decode(Buffer.concat([whole, Buffer.from('x')]), terms, 'f/key')).toBeUndefined()
  for (let at = 0; at < whole.length; at += 1) {
    const changed = Uint8Array.from(whole)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(`${at} ${decode(changed, terms, 'f/key') === undefined}`).toBe(`${at} true`)
  }
})

it('never throws, whatever bit is flipped', () => {
  const whole = encode(MADE, STAMP, TERMS, 'f/key')
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const changed = Uint8Array.from(whole)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(() => decode(changed, TERMS, 'f/key')).not.toThrow()
  }
})

it('reads no record of another format, codec or schema, and no marker', () => {
  const bytes = encode(MADE, STAMP, { ...TERMS, schema: 'one' }, 'f/key')
  expect(decode(bytes, { ...TERMS, schema: 'one' }, 'f/key')?.meta).toEqual({ status: 200 })
  expect(decode(bytes, { ...TERMS, schema: 'two' }, 'f/key')).toBeUndefined()
  for (const [at, value] of [
    [2, 2],
    [38, 1],
  ] as const) {
    const other = withByte(encode(MADE, STAMP, TERMS, 'f/key'), at, value)
    expect(decode(other, TERMS, 'f/key')).toBeUndefined()
    expect(versionIn(other)).toBe('version-16-bytes')
  }
  expect(decode(passMarker(MARKER, TERMS, 'f/key'), TERMS, 'f/key')).toBeUndefined()
})

it('reads records that are signed with a known secret, for that place alone', () => {
  const signed = encode(MADE, STAMP, SIGNED, 'f/key')
  expect(decode(signed, SIGNED, 'f/key')?.tags).toEqual(['a', 'b'])
  expect(decode(signed, { schema: '', signer: new Signer(['newest', 'new']) }, 'f/key')?.tags).toEqual(['a', 'b'])
  expect(decode(signed, SIGNED, 'f/other')).toBeUndefined()
  expect(decode(signed, { schema: '', signer: new Signer(['old']) }, 'f/key')).toBeUndefined()
  expect(decode(encode(MADE, STAMP, TERMS, 'f/key'), SIGNED, 'f/key')).toBeUndefined()
  expect(decode(signed, TERMS, 'f/key')?.tags).toEqual(['a', 'b'])
})

it.each(['null', '1', '{"t":"a"}', '{"t":[1]}', '{"a":1}', '{"s":1}', '{'])(
  'reads nothing with %s to say of it',
  text => {
    const whole = encode({ ...MADE, meta: undefined, tags: ['x'.repeat(text.length)] }, STAMP, TERMS, 'f/key')
    const odd = encode({ ...MADE, meta: undefined, tags: [], body: `${text}body` }, STAMP, TERMS, 'f/key')
    odd.writeUInt32BE(text.length, 4)
    odd.writeUInt32BE(4, 56)
    odd.writeUInt32BE(crc32(odd.subarray(64), crc32(odd.subarray(0, 60))), 60)
    expect(decode(whole, TERMS, 'f/key')).toBeDefined()
    expect(decode(odd, TERMS, 'f/key')).toBeUndefined()
  },
)

it('is kept as long as it is usable, and a moment for waiting processes, and no longer than tags are remembered', () => {
  expect(retentionOf({ ...MADE, staleIfError: 0 })).toBe(3_000)
  expect(retentionOf({ ...MADE, staleIfError: 5_000 })).toBe(6_000)
  expect(retentionOf(MADE)).toBe(7 * 24 * 3_600_000)
  expect(retentionOf({ ...MADE, ttl: 0 })).toBe(2_000)
  expect(retentionOf({ ...MADE, ttl: 0.1, staleIfError: 0, staleWhileRevalidate: 0 })).toBe(2_000)
})

it('grows old by the clock of the fleet, and never younger than new', () => {
  const record = decode(encode(MADE, STAMP, TERMS, 'f/key'), TERMS, 'f/key')
  if (record === undefined) throw new Error('not read')
  expect(recordAt(STAMP.storedAt + 1_500, record, key => key)).toMatchObject({ age: 1_500, ttl: -500 })
  expect(recordAt(STAMP.storedAt - 3_600_000, record, key => key)).toMatchObject({ age: 0, ttl: 1_000 })
})

describe('a marker', () => {
  it.each([TERMS, SIGNED])('says since when it does, and nothing where a byte of it was cut off or changed', terms => {
    const whole = passMarker(MARKER, terms, 'f/key')
    expect([whole[3], markerIn(whole, terms, 'f/key')]).toEqual([terms === SIGNED ? 18 : 2, MARKER])
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Uint8Array.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 1
      for (const bytes of [changed, whole.subarray(0, at)]) {
        expect(`${at} ${markerIn(bytes, terms, 'f/key') === undefined}`).toBe(`${at} true`)
      }
    }
  })

  it('is valid for processes with its secret, at its place alone', () => {
    const signed = passMarker(MARKER, SIGNED, 'f/key')
    expect(markerIn(signed, SIGNED, 'f/other')).toBeUndefined()
    expect(markerIn(signed, { schema: '', signer: new Signer(['old']) }, 'f/key')).toBeUndefined()
    expect(markerIn(passMarker(MARKER, TERMS, 'f/key'), SIGNED, 'f/key')).toBeUndefined()
    expect(markerIn(encode(MADE, STAMP, SIGNED, 'f/key'), SIGNED, 'f/key')).toBeUndefined()
  })
})
