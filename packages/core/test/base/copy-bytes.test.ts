import { expect, it } from 'vitest'
import { copyBytes } from '../../src/base/copy-bytes.ts'
import { decodeValue } from '../../src/functions/fleet/shared-value.ts'

const small = new Uint8Array(Uint8Array.from({ length: 65_536 }, (_, at) => at % 251).buffer, 1_000, 3)
const large = new Uint8Array(new ArrayBuffer(100), 20, 50)

it('small views are copied, so that they keep no large buffer alive, and large ones are not', () => {
  expect(copyBytes(small)).toEqual(Uint8Array.from(small))
  expect(copyBytes(small).buffer.byteLength).toBe(3)
  expect(copyBytes(large)).toBe(large)
})

it.each(['bytes', 'buffer'])('nor do values that are %s', meta => {
  const value = decodeValue({ body: small, meta }) as Uint8Array
  expect(Uint8Array.from(value)).toEqual(Uint8Array.from(small))
  expect(value.buffer.byteLength).toBe(3)
  expect((decodeValue({ body: large, meta }) as Uint8Array).buffer).toBe(large.buffer)
})
