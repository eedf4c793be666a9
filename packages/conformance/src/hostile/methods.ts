import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginRequest } from '../mount.ts'
import { ask, exchange, field, seen, written } from './wire.ts'

const TTL = 60_000
const OTHERS = ['OPTIONS', 'TRACE', 'PURGE', 'BAN', 'PROPFIND', 'QUERY', 'PATCH', 'PUT', 'get', 'Get', 'GETS', 'DEBUG']

const named = (request: OriginRequest): { body: string } => ({ body: `${request.method} ran` })

export function methodCases(setUp: SetUp): void {
  it('other than GET and HEAD are answered with nothing that is stored, and drop nothing of it unless it is theirs to', async () => {
    const { port, gate } = await setUp({ options: { ttl: TTL }, answer: named })
    gate.open()
    for (const method of OTHERS) {
      const target = `/${method}`
      expect(await seen(port, { target })).toBe('200 GET ran')
      for (const { body } of await exchange(port, written({ method, target })))
        expect(body.toString()).not.toBe('GET ran')
      expect(await seen(port, { target })).toBe('200 GET ran')
    }
  })

  it('other than GET and HEAD lead nothing that a GET follows', async () => {
    const { port, gate } = await setUp({ options: { ttl: TTL, errorTtl: TTL }, answer: named })
    gate.open()
    for (const method of [...OTHERS, 'POST', 'DELETE']) {
      const target = `/${method}`
      await exchange(port, written({ method, target }))
      expect(await seen(port, { target })).toBe('200 GET ran')
    }
  })

  it('CONNECT gets no answer of anybody’s', async () => {
    const { port, gate, runs } = await setUp({ options: { ttl: TTL }, answer: named })
    gate.open()
    await exchange(port, written({ method: 'CONNECT', target: 'a.example:80' })).catch(() => [])
    expect(runs.count('run')).toBe(0)
    expect(await seen(port)).toBe('200 GET ran')
  })

  it('HEAD never leaves a GET without its body, nor does a GET give a HEAD one', async () => {
    const { port, gate } = await setUp({ options: { ttl: TTL }, answer: () => ({ body: 'whole' }) })
    gate.open()
    expect((await ask(port, { method: 'HEAD' })).status).toBe(200)
    expect(await seen(port)).toBe('200 whole')
    const bytes = ['HEAD', 'GET'].map((method, index) => written({ method, last: index === 1 })).join('')
    // The client of this test takes the length of a HEAD for a body's: what follows must be the next head.
    const [head] = await exchange(port, bytes)
    expect([head?.status, head && field(head, 'content-length')]).toEqual([200, '5'])
    expect(head?.body.toString()).toBe('HTTP/')
  })

  it('HEAD with a body takes no part, and what stands in the body is not asked', async () => {
    const { port, gate, runs } = await setUp({ options: { ttl: TTL }, answer: named })
    gate.open()
    const hidden = written({ target: '/hidden' })
    const head = await ask(port, { method: 'HEAD', lines: [`Content-Length: ${hidden.length}`], body: hidden })
    expect(field(head, 'cache-status')).toBe('stampede; fwd=bypass; detail=body')
    expect(await seen(port)).toBe('200 GET ran')
    expect(runs.count('/hidden')).toBe(0)
  })

  it('that change something are each run, however alike', async () => {
    const { port, gate, runs } = await setUp({
      options: { ttl: TTL },
      answer: (request, run) => ({ body: `${request.method} ${run} for ${request.header('x-user') ?? '-'}` }),
    })
    const replies = ['alice', 'bob', 'alice'].map(user =>
      seen(port, { method: 'POST', lines: [`X-User: ${user}`, 'Content-Length: 0'] }),
    )
    await runs.until('run', 3)
    gate.open()
    const bodies = await Promise.all(replies)
    expect(new Set(bodies).size).toBe(3)
    expect(bodies[1]).toContain('bob')
  })
}
