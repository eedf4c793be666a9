import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginRequest } from '../mount.ts'
import { HOST, ask, field, seen } from './wire.ts'

const TTL = 60_000
const EVIL = 'evil.example'

/** What handlers build links from, and the key has always. */
const KEYED = ['X-Forwarded-Host', 'X-Forwarded-Proto', 'Forwarded']
/** They ask for another method than the one of the request line: such a request takes no part. */
const OVERRIDES = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']
/** What some handlers read and no key has, unless the app says so: by the option `vary`, or by its own `Vary`. */
const OF_THE_APP = [
  'X-Forwarded-Scheme',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Server',
  'X-Forwarded-For',
  'X-Host',
  'X-Original-Host',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Real-IP',
  'True-Client-IP',
  'User-Agent',
  'Referer',
  'Origin',
  'Accept',
  'Accept-Language',
  'Accept-Encoding',
]

/** Answers with what it was shown of one header. */
const reflecting =
  (name: string) =>
  (request: OriginRequest): { body: string } => ({ body: request.header(name.toLowerCase()) ?? 'none' })

export function reflectedCases(setUp: SetUp): void {
  for (const name of KEYED) {
    it(`${name}, which is in the key, poisons no other answer`, async () => {
      const { port, gate, runs } = await setUp({ options: { ttl: TTL }, answer: reflecting(name) })
      gate.open()
      const lines = [`${name}: ${EVIL}`]
      expect(await seen(port, { lines })).toBe(`200 ${EVIL}`)
      expect(await seen(port)).toBe('200 none')
      expect(await seen(port, { lines: [`${name}:`] })).not.toContain(EVIL)
      expect(await seen(port, { lines })).toBe(`200 ${EVIL}`)
      expect(runs.count('run')).toBe(3)
    })

    it(`${name} in two lines, or in other letters, is still in the key`, async () => {
      const { port, gate } = await setUp({ options: { ttl: TTL }, answer: reflecting(name) })
      gate.open()
      expect(await seen(port, { lines: [`${name}: ${HOST}`, `${name.toUpperCase()}: ${EVIL}`] })).toContain(EVIL)
      expect(await seen(port, { lines: [`${name}: ${HOST}`] })).toBe(`200 ${HOST}`)
      expect(await seen(port)).toBe('200 none')
    })
  }

  for (const name of OVERRIDES) {
    it(`${name} takes no part, and finds nothing that is stored`, async () => {
      const { port, gate, stats } = await setUp({ options: { ttl: TTL }, answer: reflecting(name) })
      gate.open()
      const overriding = { lines: [`${name}: DELETE`] }
      expect(field(await ask(port, overriding), 'cache-status')).toBe('stampede; fwd=bypass; detail=method-override')
      expect(await seen(port)).toBe('200 none')
      expect(await seen(port, overriding)).toBe('200 DELETE')
      expect(stats()).toMatchObject({ entries: 1, misses: 1, bypasses: 2 })
    })
  }

  it('is kept apart by the option vary, whatever header it is', async () => {
    for (const name of OF_THE_APP) {
      const { port, gate } = await setUp({ options: { ttl: TTL, vary: [name] }, answer: reflecting(name) })
      gate.open()
      expect(await seen(port, { lines: [`${name}: ${EVIL}`] })).toBe(`200 ${EVIL}`)
      expect(await seen(port)).toBe('200 none')
    }
  })

  it('is kept apart by the handler’s own Vary, whatever header it is', async () => {
    for (const name of OF_THE_APP) {
      const answer = (request: OriginRequest): object => ({ ...reflecting(name)(request), headers: { vary: name } })
      const { port, gate } = await setUp({ options: { ttl: TTL }, answer })
      gate.open()
      expect(await seen(port, { lines: [`${name}: ${EVIL}`] })).toBe(`200 ${EVIL}`)
      expect(await seen(port)).toBe('200 none')
      expect(await seen(port, { lines: [`${name}: ${EVIL}`] })).toBe(`200 ${EVIL}`)
    }
  })

  it('is no matter for the core where the client names headers of Stampede’s own, or of caches', async () => {
    const { port, gate, stats } = await setUp({ options: { ttl: TTL, xCache: true } })
    gate.open()
    const lines = [
      'Stampede-Cache-Control: no-store',
      'Stampede-Cache-Tag: x',
      'CDN-Cache-Control: no-store',
      'Cache-Status: stampede; hit',
      'X-Cache: HIT',
      'Age: 3600',
      'Date: Thu, 01 Jan 1970 00:00:00 GMT',
      'Expires: 0',
      'Surrogate-Control: no-store',
      'Surrogate-Key: x',
      'Set-Cookie: a=b',
      'Vary: *',
      'X-Stampede-Refresh: 1',
      'Stampede-Refresh: 1',
    ]
    const own = await ask(port, { lines })
    expect([own.status, field(own, 'x-cache'), field(own, 'age'), field(own, 'set-cookie')]).toEqual([
      200,
      'MISS',
      undefined,
      undefined,
    ])
    const next = await ask(port)
    expect([next.body.toString(), field(next, 'x-cache'), field(next, 'age')]).toEqual(['run 1', 'HIT', '0'])
    expect(stats()).toMatchObject({ entries: 1, hits: 1, misses: 1, bypasses: 0 })
  })

  it('makes nobody run by Cache-Control of its own, nor lets anything be kept from others', async () => {
    const { port, gate, runs } = await setUp({ options: { ttl: TTL } })
    gate.open()
    for (const value of [
      'no-cache',
      'no-store',
      'max-age=0',
      'only-if-cached',
      'min-fresh=9999',
      'private',
      'no-cache="x',
    ])
      expect(await seen(port, { lines: [`Cache-Control: ${value}`, 'Pragma: no-cache'] })).toBe('200 run 1')
    expect(runs.count('run')).toBe(1)
  })

  it('cannot be made to carry a line of its own into an answer', async () => {
    const answer = (request: OriginRequest): object => ({
      status: 301,
      headers: { location: `https://${request.header('x-forwarded-host') ?? HOST}/` },
    })
    const { port, gate } = await setUp({ options: { ttl: TTL }, answer })
    gate.open()
    for (const split of ['%0d%0aSet-Cookie: a=b', '\\r\\nSet-Cookie: a=b', '\xe5\x98\x8a\xe5\x98\x8dSet-Cookie: a=b']) {
      const lines = [`X-Forwarded-Host: a${split}`]
      for (const reply of [await ask(port, { lines }), await ask(port, { lines })])
        expect(field(reply, 'set-cookie')).toBe(undefined)
      expect(field(await ask(port), 'location')).toBe(`https://${HOST}/`)
    }
  })
}
