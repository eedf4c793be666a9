import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import { Gate } from '../gate.ts'
import type { OriginAnswer, OriginRequest } from '../mount.ts'
import { type Asked, HOST, ask, field, seen, written, exchange } from './wire.ts'

const TTL = 60_000
const options = { ttl: TTL, errorTtl: TTL }
const BODY = '0123456789'

/** Requests that servers refuse, or answer in a way that is of no use to anybody else. */
const REFUSED: Readonly<Record<string, string>> = {
  'a header that is too large': written({ lines: [`X-Big: ${'a'.repeat(20_000)}`] }),
  'many headers': written({ lines: Array.from({ length: 2_500 }, (_, index) => `X-${index}: ${'a'.repeat(8)}`) }),
  'a bare CR in a header': written({ lines: ['X-Meta: a\rb'] }),
  'a bare LF in a header': written({ lines: ['X-Meta: a\nb'] }),
  'a NUL in a header': written({ lines: ['X-Meta: a\0b'] }),
  'a BEL in a header': written({ lines: ['X-Meta: a\x07b'] }),
  'an expectation that nobody knows': written({ lines: ['Expect: miracles'] }),
  'two lengths': written({ lines: ['Content-Length: 0', 'Content-Length: 1'], body: 'x' }),
  'a length that is no number': written({ lines: ['Content-Length: x'] }),
  'a negative length': written({ lines: ['Content-Length: -1'] }),
  'a length and chunks': written({
    lines: ['Content-Length: 4', 'Transfer-Encoding: chunked'],
    body: '0\r\n\r\n',
  }),
  'an encoding that nobody knows': written({ lines: ['Transfer-Encoding: cow'], body: 'x' }),
  'a target with a space': written({ target: '/ /' }),
  'a target with a control character': written({ target: '/\x01' }),
  'another version': written({ version: '9.9' }),
  'no version': 'GET /\r\n\r\n',
  'an empty header name': written({ lines: [': x'] }),
  'a header without a colon': written({ lines: ['nonsense'] }),
  'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
}

export function denialCases(setUp: SetUp): void {
  it('is not possible by a request that the server refuses: no other request gets the refusal', async () => {
    const { port, gate } = await setUp({ options })
    gate.open()
    for (const [why, bytes] of Object.entries(REFUSED)) {
      const target = `/${Object.keys(REFUSED).indexOf(why)}`
      await exchange(port, bytes.replace(' / HTTP', ` ${target} HTTP`))
      const next = await ask(port, { target })
      expect([why, next.status, next.body.toString()]).toEqual([why, 200, expect.stringMatching(/^run \d+$/)])
    }
  })

  it('is not possible by a refusal while others wait: they get the answer', async () => {
    const { port, gate, events } = await setUp({ options })
    const replies = [seen(port), seen(port)]
    await events.until('follow', 1)
    const refused = Object.values(REFUSED).map(bytes => exchange(port, bytes))
    replies.push(seen(port))
    gate.open()
    expect(await Promise.all(replies)).toEqual(['200 run 1', '200 run 1', '200 run 1'])
    await Promise.all(refused)
    expect(await seen(port)).toBe('200 run 1')
  })

  it('is not possible by a condition: its answer is shared only by requests with the same condition', async () => {
    for (const status of [304, 412, 400, 500]) {
      const { port, gate } = await setUp({
        options,
        answer: (request): OriginAnswer =>
          request.header('if-none-match') === undefined && request.header('if-modified-since') === undefined
            ? { body: BODY }
            : { status, ...(status !== 304 && { body: 'condition' }) },
      })
      gate.open()
      for (const [index, line] of ['If-None-Match: *', 'If-None-Match: "x', 'If-Modified-Since: never'].entries()) {
        const target = `/${index}`
        expect(await seen(port, { target, lines: [line] })).toBe(status === 304 ? '304 ' : `${status} condition`)
        expect(await seen(port, { target })).toBe(`200 ${BODY}`)
        expect(await seen(port, { target })).toBe(`200 ${BODY}`)
      }
    }
  })

  it('is not possible by a condition whose answer comes late: it drops nothing that was stored meanwhile', async () => {
    for (const status of [304, 412, 500]) {
      const late = new Gate()
      const { port, gate, runs } = await setUp({
        options: { ttl: TTL },
        answer: async (request): Promise<OriginAnswer> => {
          if (request.header('if-none-match') === undefined) return { body: BODY }
          await late.passed()
          return { status }
        },
      })
      gate.open()
      const conditional = seen(port, { lines: ['If-None-Match: "x"'] })
      await runs.until('run', 1)
      expect(await seen(port)).toBe(`200 ${BODY}`)
      late.open()
      await conditional
      expect(field(await ask(port), 'cache-status')).toContain('hit')
    }
  })

  it('is not possible by a range: neither its 206 nor its 416 is for anybody else', async () => {
    const { port, gate } = await setUp({
      options,
      answer: (request): OriginAnswer => {
        const range = request.header('range')
        if (range === undefined) return { body: BODY }
        return range === 'bytes=0-1'
          ? { status: 206, headers: { 'content-range': `bytes 0-1/${BODY.length}` }, body: '01' }
          : { status: 416, headers: { 'content-range': `bytes */${BODY.length}`, 'cache-control': 'max-age=60' } }
      },
    })
    gate.open()
    const ranges = ['bytes=0-1', 'bytes=99-', 'bytes=-0', 'bytes=2-1', 'bytes=0-1,3-4', 'cows=1-2', 'bytes=', '']
    for (const [index, range] of ranges.entries()) {
      const target = `/${index}`
      await ask(port, { target, lines: [`Range: ${range}`] })
      expect(await seen(port, { target })).toBe(`200 ${BODY}`)
      await ask(port, { target, lines: [`Range: ${range}`, 'If-Range: "x"'] })
      expect(await seen(port, { target })).toBe(`200 ${BODY}`)
    }
  })

  it('is not possible by a method that is asked for in passing, or by a body', async () => {
    const { port, gate } = await setUp({
      options,
      answer: (request): OriginAnswer =>
        request.header('x-http-method-override') === undefined && request.header('content-length') === undefined
          ? { body: BODY }
          : { status: 404, body: 'gone' },
    })
    gate.open()
    const odd: readonly Asked[] = [
      { lines: ['X-HTTP-Method-Override: POST'] },
      { lines: ['x-http-method-override:'] },
      { lines: ['Content-Length: 3'], body: 'x=1' },
      { lines: ['Content-Length: 00'] },
    ]
    for (const [index, asked] of odd.entries()) {
      const target = `/${index}`
      expect(await seen(port, { ...asked, target })).toBe('404 gone')
      expect(await seen(port, { target })).toBe(`200 ${BODY}`)
    }
  })

  it('is not possible by what the answer says it varies on', async () => {
    const { port, gate } = await setUp({
      options,
      answer: (request): OriginAnswer => {
        const encoding = request.header('accept-encoding') ?? 'identity'
        const type = request.header('accept') ?? 'none'
        return {
          status: type === 'text/evil' ? 406 : 200,
          headers: { vary: 'Accept, Accept-Encoding' },
          body: `${type} ${encoding}`,
        }
      },
    })
    gate.open()
    const variants: readonly (readonly [string, string])[] = [
      ['text/evil', 'gzip'],
      ['*/*', 'gzip'],
      ['*/*', 'identity'],
      ['*/*', 'gzip;q=0'],
      ['*/*', ''],
      ['', 'gzip'],
      ['text/html', 'br, gzip'],
      ['text/html,gzip', 'br'],
    ]
    for (let time = 0; time < 2; time += 1)
      for (const [accept, encoding] of variants) {
        const { status, body } = await ask(port, { lines: [`Accept: ${accept}`, `Accept-Encoding: ${encoding}`] })
        expect([status, body.toString()]).toEqual([accept === 'text/evil' ? 406 : 200, `${accept} ${encoding}`])
      }
    expect(await seen(port)).toBe('200 none identity')
  })

  it('is not possible by header names that every object of the language has', async () => {
    const { port, gate, events, runs } = await setUp({
      options: { ...options, vary: ['constructor', '__proto__'] },
      answer: () => ({ headers: { vary: 'toString, __proto__, hasOwnProperty' }, body: BODY }),
    })
    gate.open()
    for (const lines of [
      [],
      ['__proto__: x'],
      ['constructor: x', 'toString: x'],
      ['hasOwnProperty:', 'valueOf: x'],
      [],
    ])
      expect(await seen(port, { lines })).toBe(`200 ${BODY}`)
    expect(events.count('error')).toBe(0)
    expect(runs.count('run')).toBeLessThan(5)
  })

  it('is not possible by a coding that only some can read, said in Vary or not', async () => {
    for (const vary of [{}, { vary: 'Accept-Encoding' }]) {
      const { port, gate } = await setUp({
        options,
        answer: (request): OriginAnswer =>
          request.header('accept-encoding')?.includes('gzip') === true
            ? { headers: { ...vary, 'content-encoding': 'gzip' }, body: Buffer.from('zipped') }
            : { headers: vary, body: BODY },
      })
      gate.open()
      const zipped = { lines: ['Accept-Encoding: gzip'] }
      expect(field(await ask(port, zipped), 'content-encoding')).toBe('gzip')
      const plain = await ask(port)
      expect([field(plain, 'content-encoding'), plain.body.toString()]).toEqual([undefined, BODY])
      expect(field(await ask(port, zipped), 'content-encoding')).toBe('gzip')
    }
  })

  it('is not possible by a preflight, or by an origin that is not allowed', async () => {
    const { port, gate } = await setUp({
      options,
      answer: (request): OriginAnswer => {
        const origin = request.header('origin')
        return { ...(origin && { headers: { 'access-control-allow-origin': origin } }), body: BODY }
      },
    })
    gate.open()
    const preflight = ['Origin: https://evil.example', 'Access-Control-Request-Method: GET']
    await ask(port, { method: 'OPTIONS', lines: preflight })
    for (const origin of ['https://evil.example', `https://${HOST}`, 'null', 'https://evil.example']) {
      const reply = await ask(port, { lines: [`Origin: ${origin}`] })
      expect([field(reply, 'access-control-allow-origin'), reply.body.toString()]).toEqual([origin, BODY])
    }
    expect(field(await ask(port), 'access-control-allow-origin')).toBe(undefined)
  })

  it('is not possible by an error that one request brought about for itself: nothing of it is stored by default', async () => {
    const answer = (request: OriginRequest): OriginAnswer =>
      request.header('x-meta') === undefined ? { body: BODY } : { status: 400, body: 'bad' }
    const { port, gate } = await setUp({ options: { ttl: TTL }, answer })
    gate.open()
    expect(await seen(port, { lines: ['X-Meta: 1'] })).toBe('400 bad')
    expect(await seen(port)).toBe(`200 ${BODY}`)
    expect(await seen(port, { lines: ['X-Meta: 1'] })).toBe(`200 ${BODY}`)
  })
}
