import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginAnswer, OriginRequest } from '../mount.ts'
import { type Asked, ask, field, seen } from './wire.ts'

const TTL = 60_000
const options = { ttl: TTL, errorTtl: TTL }

const named = ({ method, target }: OriginRequest): OriginAnswer => ({ body: `${method} ${target}` })

const post = (target: string, body: string): Asked => ({
  method: 'POST',
  target,
  lines: [`Content-Length: ${body.length}`, 'Content-Type: text/plain'],
  body,
})

/** What went wrong in caches of this kind, seen running: requests in their order, each to get its own answer. */
const ORDERS: Readonly<Record<string, readonly Asked[]>> = {
  'a DELETE behind a GET': [{ target: '/item/1' }, { method: 'DELETE', target: '/item/1' }],
  'an empty POST behind a GET': [{ target: '/a' }, post('/a', '')],
  'a GET behind an empty POST': [post('/a', ''), { target: '/a' }],
  'a GET behind a POST whose path and body together are its path': [
    post('/ad', 'min/report'),
    { target: '/admin/report' },
  ],
  'a POST whose path and body have changed places': [post('/a', '/b'), post('/b', '/a')],
  'bodies that a weak sum takes for one another': [post('/q', 'aaaaaaaabbbbbbbb'), post('/q', 'bbbbbbbbaaaaaaaa')],
}

export function parityCases(setUp: SetUp): void {
  for (const [name, requests] of Object.entries(ORDERS)) {
    it(`answers ${name} by its own run, where POST takes part, too`, async () => {
      const methods = ['GET', 'HEAD', 'POST']
      const { port, gate, runs } = await setUp({ options: { ...options, methods }, answer: named })
      gate.open()
      for (const asked of requests) expect(await seen(port, asked)).toBe(`200 ${asked.method ?? 'GET'} ${asked.target}`)
      expect(runs.count('run')).toBe(requests.length)
    })
  }

  it('gives a GET its body though a HEAD, and a preflight, came first', async () => {
    const { port, gate } = await setUp({ options, answer: named })
    gate.open()
    await ask(port, { method: 'HEAD' })
    await ask(port, { method: 'OPTIONS', lines: ['Origin: https://a.example', 'Access-Control-Request-Method: GET'] })
    expect(await seen(port)).toBe('200 GET /')
  })

  it('distinguishes headers that look the same when joined', async () => {
    const { port, gate } = await setUp({
      options: { ...options, vary: ['X-Tenant', 'X-User'] },
      answer: request => ({ body: JSON.stringify([request.header('x-tenant'), request.header('x-user')]) }),
    })
    gate.open()
    const pairs = [
      ['X-Tenant: 1', 'X-User: 2'],
      ['X-Tenant: 1x-user:2'],
      ['X-Tenant: 1', 'X-Tenant: 2'],
      ['X-Tenant: 12'],
      ['X-User: 12'],
      ['X-Tenant: 2', 'X-User: 1'],
    ]
    const first: string[] = []
    for (const lines of pairs) first.push(await seen(port, { lines }))
    expect(new Set(first).size).toBe(pairs.length)
    for (const [index, lines] of pairs.entries()) expect(await seen(port, { lines })).toBe(first[index])
  })

  it('replays the headers of an answer without a body, and runs nothing more', async () => {
    const { port, gate, runs } = await setUp({ options, answer: () => ({ status: 204, headers: { 'x-set': 'yes' } }) })
    gate.open()
    for (const reply of [await ask(port), await ask(port), await ask(port)])
      expect([reply.status, field(reply, 'x-set'), reply.body.length]).toEqual([204, 'yes', 0])
    expect(runs.count('run')).toBe(1)
  })

  it('lets nothing that is done to one reply show on another', async () => {
    let replies = 0
    const { port, gate, runs } = await setUp({
      options,
      answer: () => ({ headers: { vary: 'X-One', 'x-own': 'handler' }, body: 'body' }),
      inFront: { after: () => ({ 'x-own': `reply ${++replies}` }) },
    })
    gate.open()
    const own: (string | undefined)[] = []
    for (let time = 0; time < 4; time += 1) own.push(field(await ask(port), 'x-own'))
    expect(own).toEqual(['reply 1', 'reply 2', 'reply 3', 'reply 4'])
    expect(runs.count('run')).toBe(1)
  })
}
