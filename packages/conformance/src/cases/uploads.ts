import { connect } from 'node:net'
import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginRequest } from '../mount.ts'
import { rawFetch } from '../raw-client.ts'

const MIB = 2 ** 20
const options = { ttl: 5_000, methods: ['GET', 'POST'] }
const answer = async (request: OriginRequest): Promise<{ body: string }> => ({
  body: `${request.target} ${(await request.body()).toString('latin1')}`,
})
const HEAD = 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n'

export function uploadCases(setUp: SetUp): void {
  it('waits for a body that comes in pieces', async () => {
    const { port, gate, runs } = await setUp({ options, answer })
    gate.open()
    const sent = new Promise<string>(resolve => {
      let got = ''
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`${HEAD}Connection: close\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n`)
      })
      socket.on('data', chunk => {
        // The server has seen the head when it asks for the body.
        if (got === '') socket.write('abc', () => setImmediate(() => socket.write('def')))
        got += chunk.toString()
      })
      socket.on('close', () => resolve(got))
    })
    expect(await sent).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n[^]*\/a abcdef/)
    const [reply] = await rawFetch(port, `${HEAD}Connection: close\r\nContent-Length: 6\r\n\r\nabcdef`)
    expect(reply?.body.toString()).toBe('/a abcdef')
    expect(runs.count('run')).toBe(1)
  })

  it('distinguishes the bodies of one connection, also if they arrive at once', async () => {
    const { port, gate } = await setUp({ options, answer })
    gate.open()
    const all = await rawFetch(
      port,
      `${HEAD}Content-Length: 1\r\n\r\nx${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\ny\r\n0\r\n\r\n` +
        `${HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HEAD}Connection: close\r\nContent-Length: 1\r\n\r\nz`,
    )
    expect(all.map(({ body }) => body.toString())).toEqual(['/a x', '/a y', '/a ', '/a z'])
  })

  it('takes no part with trailers', async () => {
    const { port, gate, stats } = await setUp({ options, answer: () => ({ body: 'ok' }) })
    gate.open()
    const request = `${HEAD}Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n`
    expect((await rawFetch(port, request))[0]?.body.toString()).toBe('ok')
    expect(stats()).toMatchObject({ bypasses: 1, misses: 0 })
  })

  it('leaves the connection to the next request where the handler does not read a body that is too large', async () => {
    const { port, gate } = await setUp({ options, answer: ({ target }) => ({ body: target }) })
    gate.open()
    const body = 'x'.repeat(2 * MIB)
    const all = await rawFetch(
      port,
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n200000\r\n${body}\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    )
    expect(all.map(reply => reply.body.toString())).toEqual(['/a', '/next'])
  })

  it('outlives an upload that breaks off', async () => {
    const { port, fetch, gate, connections } = await setUp({ options, answer })
    gate.open()
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`${HEAD}Expect: 100-continue\r\nContent-Length: 6\r\n\r\n`)
    })
    socket.once('data', () => socket.write('abc', () => socket.destroy()))
    await connections.until('closed', 1)
    const sent = { method: 'POST', body: 'abc', headers: { 'content-type': 'application/octet-stream' } }
    expect((await fetch('/a', sent)).body).toBe('/a abc')
  })
}
