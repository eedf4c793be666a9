import { createHmac, timingSafeEqual } from 'node:crypto'

/** Distinguishes records of the fleet from bytes that others wrote to the store. */
export class Signer {
  readonly #secrets: readonly string[]

  /** @param secrets the first signs; all are accepted, so that a secret can be replaced */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  /** Includes the name of its place: a signed record that is moved is invalid. */
  sign(name: string, bytes: Uint8Array): Uint8Array {
    return signature(this.#secrets[0] ?? '', name, bytes)
  }

  verify(name: string, bytes: Uint8Array, given: Uint8Array): boolean {
    return this.#secrets.some(secret => {
      const expected = signature(secret, name, bytes)
      return expected.length === given.length && timingSafeEqual(expected, given)
    })
  }
}

function signature(secret: string, name: string, bytes: Uint8Array): Buffer {
  return createHmac('sha256', secret)
    .update(`${Buffer.byteLength(name)}:${name}`)
    .update(bytes)
    .digest()
}
