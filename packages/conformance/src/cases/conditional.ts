import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { Scene } from '../stage.ts'

const MODIFIED = 'Mon, 01 Jan 2024 00:00:00 GMT'
const VALIDATED: NonNullable<Scene['answer']> = (request, run) =>
  request.header('if-none-match') === '"v1"'
    ? { status: 304, headers: { etag: '"v1"' } }
    : { headers: { etag: '"v1"', 'last-modified': MODIFIED, 'content-type': 'text/plain' }, body: `run ${run}` }

export function conditionalCases(setUp: SetUp): void {
  it('keeps a leader’s own conditions from the handler where the answer is for all, and answers them itself', async () => {
    const seen: (string | undefined)[] = []
    const { fetch, events, gate, clock } = await setUp({
      options: { ttl: 1_000 },
      answer: (request, run) => {
        seen.push(request.header('if-none-match') ?? request.header('if-modified-since'))
        return {
          headers: { 'last-modified': MODIFIED, 'x-own': '1', 'content-type': 'text/plain' },
          body: `run ${run}`,
        }
      },
    })
    gate.open()
    await fetch('/')
    clock.advance(3_700_000)
    const conditional = await fetch('/', { headers: { 'if-modified-since': MODIFIED } })
    expect(conditional).toMatchObject({ status: 304, body: '', headers: { 'x-own': '1', 'last-modified': MODIFIED } })
    expect(conditional.headers).not.toHaveProperty('content-type')
    await events.until('store', 2)
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'run 2' })
    expect(seen).toEqual([undefined, undefined])
  })

  it('answers each follower by its own conditions, from one run', async () => {
    const { fetch, events, gate, runs } = await setUp({
      answer: () => ({ headers: { etag: '"v1"' }, body: 'whole' }),
    })
    const leader = fetch('/')
    await runs.until('run', 1)
    const same = fetch('/', { headers: { 'if-none-match': '"v1"' } })
    const other = fetch('/', { headers: { 'if-none-match': '"v0"' } })
    await events.until('follow', 2)
    gate.open()
    expect((await Promise.all([leader, same, other])).map(({ status, body }) => [status, body])).toEqual([
      [200, 'whole'],
      [304, ''],
      [200, 'whole'],
    ])
    expect(runs.count('run')).toBe(1)
  })

  it('shares a handler’s 304 only with requests that sent the same conditions, if nothing is stored yet', async () => {
    const { fetch, events, gate, runs } = await setUp({ answer: VALIDATED })
    const headers = { 'if-none-match': '"v1"' }
    const first = fetch('/', { headers })
    await runs.until('run', 1)
    const second = fetch('/', { headers })
    await events.until('follow', 1)
    const plain = fetch('/')
    await runs.until('run', 2)
    gate.open()
    expect((await Promise.all([first, second, plain])).map(({ status }) => status)).toEqual([304, 304, 200])
    expect(runs.count('run')).toBe(2)
  })

  it('asks the tag alone where a date stands beside it (RFC 9110 s13.1.3)', async () => {
    const { fetch, gate, runs } = await setUp({
      options: { ttl: 60_000 },
      answer: () => ({ headers: { etag: '"v1"', 'last-modified': MODIFIED }, body: 'x' }),
    })
    gate.open()
    await fetch('/')
    const both = (tag: string, date: string): Promise<{ status: number }> =>
      fetch('/', { headers: { 'if-none-match': tag, 'if-modified-since': date } })
    expect((await both('"v0"', MODIFIED)).status).toBe(200)
    expect((await both('"v1"', 'Sun, 31 Dec 2023 00:00:00 GMT')).status).toBe(304)
    expect(runs.count('run')).toBe(1)
  })

  it('puts the conditions back before what stands in front looks at them', async () => {
    const seen: (string | undefined)[] = []
    const { fetch, gate, clock } = await setUp({
      options: { ttl: 1_000 },
      inFront: {
        after: request => {
          seen.push(request.header('if-none-match'))
          return {}
        },
      },
    })
    gate.open()
    await fetch('/')
    clock.advance(1_000)
    await fetch('/', { headers: { 'if-none-match': '"own"' } })
    expect(seen).toEqual([undefined, '"own"'])
  })

  it.each([
    ['if-match', '"v1"'],
    ['if-unmodified-since', MODIFIED],
  ])('leaves %s to the handler, stored or not (RFC 9110 s13.1)', async (name, value) => {
    const { fetch, gate, runs } = await setUp({
      options: { ttl: 60_000 },
      answer: (request, run) => {
        const isFailed = request.header(name) !== undefined
        return {
          status: isFailed ? 412 : 200,
          headers: { etag: '"v1"', 'last-modified': MODIFIED },
          body: `run ${run}`,
        }
      },
    })
    const waiting = [1, 2].map(() => fetch('/', { headers: { [name]: value } }))
    await runs.until('run', 2)
    gate.open()
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([412, 412])
    await fetch('/')
    const reply = await fetch('/', { headers: { [name]: value } })
    expect([reply.status, reply.headers['cache-status']]).toEqual([412, 'stampede; fwd=bypass; detail=if-match'])
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'run 3' })
  })
}
