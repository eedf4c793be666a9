import { connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import { StreamedBody } from '../mount.ts'
import { HOST, ask, exchange, field, seen, written } from './wire.ts'

const TTL = 60_000
const KIB = 1024
const MIB = 1024 * KIB
const MANY = 10_000
/** Shorter where it is known that some of them cannot end. */
const TIMEOUT = Number(process.env['STAMPEDE_LOAD_TIMEOUT'] ?? 60_000)
const FEW = 1_000
/** Requests that a socket sends in one go. */
const PIPELINED = 100

/** Sends so many requests over a few sockets, and gives the bodies of the answers. */
async function flood(port: number, count: number, target: (index: number) => string): Promise<readonly string[]> {
  const answers = Array.from({ length: count / PIPELINED }, (_, socket) => {
    const requests = Array.from({ length: PIPELINED }, (__, index) =>
      written({ target: target(socket * PIPELINED + index), last: index === PIPELINED - 1 }),
    )
    return exchange(port, requests.join(''))
  })
  return (await Promise.all(answers)).flat().map(({ body }) => body.toString())
}

/** A client that asks and then reads nothing at all. */
function stalled(port: number, target = '/'): Socket {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.pause()
  socket.on('error', () => {})
  socket.write(written({ target }))
  return socket
}

async function* pieces(count: number, of: string): AsyncGenerator<string> {
  for (let index = 0; index < count; index += 1) yield of
}

export function loadCases(setUp: SetUp): void {
  it(
    `of ${MANY} who wait for one key is one run`,
    async () => {
      const { port, gate, events, runs, stats } = await setUp({ options: { ttl: TTL } })
      const answered = flood(port, MANY, () => '/')
      await events.until('follow', MANY - 1)
      gate.open()
      const bodies = await answered
      expect(bodies).toHaveLength(MANY)
      expect(new Set(bodies)).toEqual(new Set(['run 1']))
      expect(runs.count('run')).toBe(1)
      expect(stats()).toMatchObject({ misses: 1, collapsed: MANY - 1, flights: 0, entries: 1 })
    },
    TIMEOUT,
  )

  it(
    `of ${FEW} who wait for what may not be shared is a run each, and nobody’s answer twice`,
    async () => {
      const { port, gate, events } = await setUp({
        options: { ttl: TTL },
        answer: (_request, run) => ({ headers: { 'cache-control': 'private' }, body: `run ${run}` }),
      })
      const answered = flood(port, FEW, () => '/')
      await events.until('follow', FEW - 1)
      gate.open()
      expect(new Set(await answered).size).toBe(FEW)
    },
    TIMEOUT,
  )

  it(
    `of ${MANY} different targets keeps no more than its bounds`,
    async () => {
      const maxBytes = 256 * KIB
      const { port, gate, stats } = await setUp({ options: { ttl: TTL, maxEntries: 300, maxBytes } })
      gate.open()
      expect(new Set(await flood(port, MANY, index => `/${index}?${'x'.repeat(100)}`)).size).toBe(MANY)
      const { entries, bytes, flights, misses } = stats()
      expect([entries <= 300, bytes <= maxBytes, flights, misses]).toEqual([true, true, 0, MANY])
      expect(await seen(port)).toBe(`200 run ${MANY + 1}`)
    },
    TIMEOUT,
  )

  for (const [kind, body] of Object.entries({
    'is there at once': () => Buffer.alloc(8 * MIB, 'x'),
    'is still arriving': () => new StreamedBody(pieces(128, 'x'.repeat(64 * KIB))),
  })) {
    it(
      `of clients that read nothing holds nobody up: a large body that ${kind}`,
      async () => {
        const { port, gate, events, runs } = await setUp({
          options: { ttl: TTL, maxBodyBytes: 16 * MIB },
          answer: () => ({ body: body() }),
        })
        const sockets = [stalled(port)]
        await runs.until('run', 1)
        sockets.push(stalled(port), stalled(port))
        const waiting = [ask(port), ask(port)]
        await events.until('follow', 4)
        gate.open()
        for (const { status, body: whole } of await Promise.all(waiting))
          expect([status, whole.length]).toEqual([200, 8 * MIB])
        const late = await ask(port)
        expect([late.body.length, field(late, 'cache-status')?.includes('hit')]).toEqual([8 * MIB, true])
        expect(runs.count('run')).toBe(1)
        for (const socket of sockets) socket.destroy()
      },
      TIMEOUT,
    )
  }

  it('of requests that never come to an end holds nobody up', async () => {
    const { port, gate, connections } = await setUp({ options: { ttl: TTL } })
    gate.open()
    const begun = `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX-Slow: `
    const sockets = Array.from({ length: 50 }, () => stalled(port))
    for (const socket of sockets) socket.write(begun)
    const cut = `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 100\r\n\r\nten bytes.`
    for (const bytes of [begun, cut, `GET${cut.slice(4)}`])
      connect({ port, host: '127.0.0.1' })
        .on('error', () => {})
        .resume()
        .end(bytes)
    await connections.until('closed', 3)
    expect((await ask(port)).status).toBe(200)
    for (const socket of sockets) socket.destroy()
  })
}
