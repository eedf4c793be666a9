import { generateKeyPairSync, sign } from 'node:crypto'

/** A key and the certificate for it, as `node:tls` takes them. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** id-Ed25519 (RFC 8410 s3), and the common name (RFC 5280 s4.1.2.4). */
const ED25519 = sequence(Buffer.from('06032b6570', 'hex'))
const COMMON_NAME = Buffer.from('0603550403', 'hex')

/** A certificate for this name, which it signs itself; valid from 2020 to 2049. */
export function certificateFor(name: string): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const named = sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, Buffer.from(name)))))
  const valid = sequence(...['200101000000Z', '490101000000Z'].map(time => element(0x17, Buffer.from(time))))
  const version = element(0xa0, element(0x02, Buffer.from([2])))
  const serial = element(0x02, Buffer.from([1]))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(version, serial, ED25519, named, valid, named, spki)
  // A bit string says first how many bits of its last byte are none.
  const signature = element(0x03, Buffer.concat([Buffer.from([0]), sign(null, body, privateKey)]))
  const der = sequence(body, ED25519, signature)
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`,
  }
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts))
}

/** One element of DER: its tag, its length in one byte or more, and what is in it. */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
