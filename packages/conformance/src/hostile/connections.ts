import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginAnswer, OriginRequest } from '../mount.ts'
import { type Asked, HOST, ask, exchange, field, seen, written } from './wire.ts'

const TTL = 60_000

/** Bytes in which a second request is hidden, for some reader or other. `/evil` is what it asks for. */
const HIDDEN = `GET /evil HTTP/1.1\r\nHost: ${HOST}\r\nX-Evil: yes\r\n\r\n`
const SMUGGLED: Readonly<Record<string, Asked>> = {
  'CL.TE': {
    method: 'POST',
    lines: [`Content-Length: ${HIDDEN.length + 5}`, 'Transfer-Encoding: chunked'],
    body: `0\r\n\r\n${HIDDEN}`,
  },
  'TE.CL': {
    method: 'POST',
    lines: ['Transfer-Encoding: chunked', 'Content-Length: 4'],
    body: `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  },
  'TE.TE': {
    method: 'POST',
    lines: ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'],
    body: `0\r\n\r\n${HIDDEN}`,
  },
  'a coding in disguise': { method: 'POST', lines: ['Transfer-Encoding: xchunked'], body: HIDDEN },
  'a space before the colon': { method: 'POST', lines: [`Content-Length : ${HIDDEN.length}`], body: HIDDEN },
  'a folded line': { lines: ['X-Folded: a', ' b', `\tContent-Length: ${HIDDEN.length}`], body: HIDDEN },
  'a chunk extension': {
    method: 'POST',
    lines: ['Transfer-Encoding: chunked'],
    body: `0;a="\r\n"\r\n\r\n${HIDDEN}`,
  },
  'a chunk whose size is none': {
    method: 'POST',
    lines: ['Transfer-Encoding: chunked'],
    body: `0x5\r\nhello\r\n0\r\n\r\n${HIDDEN}`,
  },
  'a chunk that ends in LF': { method: 'POST', lines: ['Transfer-Encoding: chunked'], body: `0\n\n${HIDDEN}` },
  'two lengths': { method: 'POST', lines: ['Content-Length: 0', `Content-Length: ${HIDDEN.length}`], body: HIDDEN },
  'a list of lengths': { method: 'POST', lines: [`Content-Length: 0, ${HIDDEN.length}`], body: HIDDEN },
  'a length with a sign': { method: 'POST', lines: [`Content-Length: +${HIDDEN.length}`], body: HIDDEN },
  'a fat GET': { lines: [`Content-Length: ${HIDDEN.length}`], body: HIDDEN },
  'a fat GET in chunks': {
    lines: ['Transfer-Encoding: chunked'],
    body: `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  },
}

/** Answers with where it was asked, and whether it saw what was hidden. */
const where = (request: OriginRequest): OriginAnswer => ({
  body: `${request.target} ${request.header('x-evil') ?? 'no'}`,
})

export function connectionCases(setUp: SetUp): void {
  for (const [way, asked] of Object.entries(SMUGGLED)) {
    it(`is not split by ${way}: the rest reaches no other request, and is not stored`, async () => {
      const { port, gate } = await setUp({ options: { ttl: TTL }, answer: where })
      gate.open()
      const answers = await exchange(
        port,
        `${written({ ...asked, target: '/first', last: false })}${written({ target: '/next' })}`,
      )
      const bodies = answers.map(({ status, body }) => `${status} ${body.toString()}`)
      // Whatever is answered at all is refused, or answered in order.
      expect(bodies.filter(body => body.startsWith('2') && !/\/(first|next|evil) /.test(body))).toEqual([])
      for (const target of ['/first', '/next', '/']) expect(await seen(port, { target })).toBe(`200 ${target} no`)
    })
  }

  it('answers a fat GET by the handler, stores nothing of it, and goes on with the next request', async () => {
    const { port, gate, stats } = await setUp({ options: { ttl: TTL }, answer: where })
    gate.open()
    const fat = written({ target: '/fat', lines: ['Content-Length: 7'], body: 'x=evil&', last: false })
    const answers = await exchange(port, `${fat}${fat}${written({ target: '/fat' })}`)
    expect(answers.map(answer => field(answer, 'cache-status'))).toEqual([
      'stampede; fwd=bypass; detail=body',
      'stampede; fwd=bypass; detail=body',
      'stampede; fwd=uri-miss',
    ])
    expect(stats()).toMatchObject({ entries: 1, bypasses: 2 })
  })

  it('answers requests in one packet in order, whichever of them follows another', async () => {
    const { port, gate, runs } = await setUp({ options: { ttl: TTL }, answer: where })
    const targets = ['/a', '/b', '/a', '/c', '/b', '/a']
    const bytes = targets.map((target, index) => written({ target, last: index === targets.length - 1 })).join('')
    const answered = exchange(port, bytes)
    await runs.until('run', 3)
    gate.open()
    expect((await answered).map(({ body }) => body.toString())).toEqual(targets.map(target => `${target} no`))
    expect(runs.count('run')).toBe(3)
  })

  it('that ends while its requests wait affects no other answer', async () => {
    const { fetch, port, gate, events, runs, connections } = await setUp({ options: { ttl: TTL }, answer: where })
    const leaving = new AbortController()
    const gone = [1, 2, 3].map(() =>
      fetch('/x', { signal: leaving.signal, headers: { host: HOST } }).catch(() => 'gone'),
    )
    await events.until('follow', 2)
    const waiting = seen(port, { target: '/x' })
    await events.until('follow', 3)
    leaving.abort()
    expect(await Promise.all(gone)).toEqual(['gone', 'gone', 'gone'])
    await connections.until('closed', 3)
    gate.open()
    expect(await waiting).toBe('200 /x no')
    expect(runs.count('run')).toBe(1)
  })

  it('lives on with Expect: 100-continue, whose answer is shared like any', async () => {
    const { port, gate, stats } = await setUp({ options: { ttl: TTL }, answer: where })
    gate.open()
    const lines = ['Expect: 100-continue']
    expect(await seen(port, { lines })).toBe('200 / no')
    expect(await seen(port)).toBe('200 / no')
    expect(stats()).toMatchObject({ misses: 1, hits: 1 })
  })

  it('that asks for another protocol takes no part', async () => {
    const { port, gate, stats } = await setUp({ options: { ttl: TTL }, answer: where })
    gate.open()
    for (const lines of [
      ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__', 'Connection: Upgrade, HTTP2-Settings'],
      [
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ],
      ['Upgrade: x'],
    ]) {
      const reply = await ask(port, { lines })
      expect(field(reply, 'cache-status')).toBe('stampede; fwd=bypass; detail=upgrade')
    }
    expect(await seen(port)).toBe('200 / no')
    expect(stats()).toMatchObject({ entries: 1, bypasses: 3, hits: 0 })
  })

  it('removes no header that Connection names from others, and replays none', async () => {
    const { fetch, gate } = await setUp({
      options: { ttl: TTL },
      answer: request => ({
        headers: { 'x-hop': 'one client', 'x-end': 'all', connection: 'x-hop' },
        body: request.header('x-forwarded-host') ?? 'none',
      }),
    })
    gate.open()
    const headers = { connection: 'x-forwarded-host, x-end, vary, close', 'x-forwarded-host': 'evil.example' }
    expect((await fetch('/', { headers })).body).toBe('evil.example')
    expect((await fetch('/')).body).toBe('none')
    const hit = await fetch('/', { headers })
    expect([hit.body, hit.headers['x-end'], hit.headers['x-hop']]).toEqual(['evil.example', 'all', undefined])
  })
}
