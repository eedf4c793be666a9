import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginAnswer } from '../mount.ts'

const SECOND = 1_000
/** Fresh for one second, then stale for ten. */
const WHILE_REVALIDATE = { ttl: SECOND, staleWhileRevalidate: 10 * SECOND, xCache: true }
const IF_ERROR = { ttl: SECOND, staleIfError: 10 * SECOND, xCache: true }

export function staleCases(setUp: SetUp): void {
  it('sends all requests the stale response at once, while one request of its own refreshes it', async () => {
    let release: () => void = () => {}
    const held = new Promise<OriginAnswer>(resolve => {
      release = () => resolve({ body: 'second' })
    })
    const { fetch, events, gate, clock, runs } = await setUp({
      options: WHILE_REVALIDATE,
      answer: (_request, run) => (run === 1 ? { body: 'first' } : held),
    })
    gate.open()
    await fetch('/')
    clock.advance(1_500)
    const replies = await Promise.all(Array.from({ length: 20 }, () => fetch('/')))
    expect(new Set(replies.map(({ body }) => body))).toEqual(new Set(['first']))
    expect(replies[0]?.headers).toMatchObject({ 'cache-status': 'stampede; hit; ttl=-1', 'x-cache': 'STALE', age: '1' })
    await runs.until('run', 2)
    expect((await fetch('/')).body).toBe('first')
    release()
    await events.until('store', 2)
    expect(await fetch('/')).toMatchObject({ body: 'second', headers: { 'x-cache': 'HIT', age: '0' } })
    expect(runs.count('run')).toBe(2)
  })

  it('refreshes in the asynchronous context in which Stampede was mounted, and in no visitor’s', async () => {
    const visitor = new AsyncLocalStorage<string | undefined>()
    const seen: unknown[] = []
    const stage = await visitor.run('the app', () =>
      setUp({
        options: WHILE_REVALIDATE,
        inFront: {
          before: request => {
            const name = request.header('x-visitor')
            if (name !== undefined) visitor.enterWith(name)
            return {}
          },
        },
        answer: (_request, run) => {
          seen.push(visitor.getStore())
          return { body: `run ${run}` }
        },
      }),
    )
    const { fetch, events, gate, clock } = stage
    gate.open()
    await fetch('/', { headers: { 'x-visitor': 'ann' } })
    for (const [visit, name] of ['ben', 'cleo'].entries()) {
      clock.advance(1_500)
      await fetch('/', { headers: { 'x-visitor': name } })
      await events.until('store', visit + 2)
    }
    expect(seen).toEqual(['ann', 'the app', 'the app'])
  })

  it('refreshes without anybody’s credentials, with the headers that the key covers, and shows no mark of it', async () => {
    const seen: (readonly [string, string | undefined])[][] = []
    const names = [
      'authorization',
      'cookie',
      'accept-language',
      'x-other',
      'host',
      'x-forwarded-proto',
      'if-none-match',
    ]
    const { fetch, events, gate, clock } = await setUp({
      options: { ...WHILE_REVALIDATE, credentials: 'share', vary: ['accept-language'] },
      answer: request => {
        seen.push(names.map(name => [name, request.header(name)]))
        return { headers: { 'cache-control': 'public, max-age=1, stale-while-revalidate=10' }, body: 'x' }
      },
    })
    gate.open()
    const headers = {
      authorization: 'Bearer a',
      cookie: 'a=b',
      'accept-language': 'de',
      'x-other': '1',
      host: 'a.example',
      'x-forwarded-proto': 'https',
      'if-none-match': '"a"',
    }
    await fetch('/', { headers })
    clock.advance(1_500)
    await fetch('/', { headers })
    await events.until('store', 2)
    expect(Object.fromEntries(seen[1] ?? [])).toEqual({
      authorization: undefined,
      cookie: undefined,
      'accept-language': 'de',
      'x-other': undefined,
      host: 'a.example',
      'x-forwarded-proto': 'https',
      'if-none-match': undefined,
    })
  })

  it('lets one request in front refresh where the key covers credentials; the others get the stale answer', async () => {
    const { fetch, events, gate, clock, runs } = await setUp({
      options: { ...WHILE_REVALIDATE, credentials: 'separate' },
      answer: (request, run) => ({ body: `${request.header('cookie')} ${run}` }),
    })
    const headers = { cookie: 'user=1' }
    gate.open()
    await fetch('/', { headers })
    clock.advance(1_500)
    const replies = await Promise.all(Array.from({ length: 5 }, () => fetch('/', { headers })))
    const bodies = replies.map(({ body }) => body).toSorted()
    expect(bodies.at(-1)).toBe('user=1 2')
    expect(runs.count('run')).toBe(2)
    expect(events.count('refresh')).toBe(0)
    expect((await fetch('/', { headers })).body).toBe('user=1 2')
  })

  it('backs off when refreshes fail: 401, 403, 429 and 5xx never replace a usable response', async () => {
    const answers: OriginAnswer[] = [401, 403, 429, 500, 503].map(status => ({ status, body: 'no' }))
    const { fetch, events, gate, clock, runs } = await setUp({
      options: { ...WHILE_REVALIDATE, staleWhileRevalidate: 100 * SECOND, errorTtl: 60 * SECOND },
      answer: (_request, run) => answers[run - 2] ?? { body: `run ${run}` },
    })
    gate.open()
    await fetch('/')
    clock.advance(SECOND)
    for (const [index, wait] of [1, 2, 4, 8, 16].entries()) {
      const replies = await Promise.all(Array.from({ length: 5 }, () => fetch('/')))
      expect(replies.every(({ body, status }) => status === 200 && body === 'run 1')).toBe(true)
      await events.until('backoff', index + 1)
      clock.advance(wait * SECOND - 1)
      expect((await fetch('/')).body).toBe('run 1')
      expect(runs.count('run')).toBe(index + 2)
      clock.advance(1)
    }
    await fetch('/')
    await events.until('store', 2)
    expect((await fetch('/')).body).toBe('run 7')
  })

  it('runs the handler in front again once the window is over', async () => {
    const { fetch, gate, clock } = await setUp({ options: WHILE_REVALIDATE })
    gate.open()
    await fetch('/')
    clock.advance(11 * SECOND)
    expect(await fetch('/')).toMatchObject({ body: 'run 2', headers: { 'cache-status': 'stampede; fwd=stale' } })
  })

  it.each([
    'must-revalidate, max-age=1',
    'proxy-revalidate, max-age=1',
    's-maxage=1',
    'must-revalidate, max-age=1, stale-while-revalidate=10, stale-if-error=10',
    'proxy-revalidate, s-maxage=1, stale-while-revalidate=10, stale-if-error=10',
  ])('never gives what says %s when it is stale, whatever the options say', async control => {
    const { fetch, gate, clock } = await setUp({
      options: { ...WHILE_REVALIDATE, staleIfError: 10 * SECOND },
      answer: (_request, run) =>
        run === 1 ? { headers: { 'cache-control': control }, body: 'first' } : { status: 500, body: 'broken' },
    })
    gate.open()
    await fetch('/')
    clock.advance(SECOND)
    expect((await fetch('/')).status).toBe(500)
  })

  it('takes the windows that a response states itself, s-maxage beside them or not (RFC 5861)', async () => {
    const { fetch, events, gate, clock } = await setUp({
      answer: (_request, run) => ({
        headers: { 'cache-control': 's-maxage=1, stale-while-revalidate=5' },
        body: `run ${run}`,
      }),
    })
    gate.open()
    await fetch('/')
    clock.advance(5_999)
    expect((await fetch('/')).body).toBe('run 1')
    await events.until('store', 2)
    clock.advance(6_000)
    expect((await fetch('/')).body).toBe('run 3')
  })

  it('serves the stale response in place of a failure to all followers, and reports the failure', async () => {
    const { burst, fetch, events, gate, clock, runs } = await setUp({
      options: IF_ERROR,
      inFront: { before: () => ({ 'x-front': 'kept' }) },
      answer: (_request, run) => {
        if (run > 1) throw new Error('broken')
        return { headers: { 'x-own': 'own', 'content-type': 'text/plain' }, body: 'first' }
      },
    })
    gate.open()
    await fetch('/')
    clock.advance(1_500)
    const replies = await Promise.all(await burst(1, '/'))
    expect(replies[0]).toMatchObject({
      status: 200,
      body: 'first',
      headers: { 'x-own': 'own', 'x-front': 'kept', age: '1', 'x-cache': 'STALE', 'content-length': '5' },
    })
    expect(replies[0]?.headers['cache-status']).toBe('stampede; fwd=stale; detail=stale-if-error')
    expect(events.count('fail')).toBe(1)
    // The next try waits.
    expect((await fetch('/')).body).toBe('first')
    expect(runs.count('run')).toBe(2)
    clock.advance(SECOND)
    expect((await fetch('/')).body).toBe('first')
    expect(runs.count('run')).toBe(3)
    clock.advance(10 * SECOND)
    expect((await fetch('/')).status).toBe(500)
  })

  it('serves the stale response to followers of a failing refresh too', async () => {
    const { fetch, events, gate, clock, runs } = await setUp({
      options: IF_ERROR,
      answer: (_request, run) => (run === 1 ? { body: 'first' } : failing),
    })
    let fail: (error: Error) => void = () => {}
    const failing = new Promise<OriginAnswer>((_resolve, reject) => {
      fail = reject
    })
    gate.open()
    await fetch('/')
    clock.advance(1_500)
    const waiting = Array.from({ length: 5 }, () => fetch('/'))
    await events.until('follow', 4)
    fail(new Error('broken'))
    for (const reply of await Promise.all(waiting)) expect(reply).toMatchObject({ status: 200, body: 'first' })
    expect(runs.count('run')).toBe(2)
  })

  it.each([500, 502, 503, 504])('takes a status of %i for a failure, and a 404 for an answer', async status => {
    const { fetch, gate, clock } = await setUp({
      options: IF_ERROR,
      answer: (_request, run) => (run === 1 ? { body: 'first' } : { status: run === 2 ? status : 404, body: 'other' }),
    })
    gate.open()
    await fetch('/')
    clock.advance(1_500)
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'first' })
    clock.advance(SECOND)
    expect(await fetch('/')).toMatchObject({ status: 404, body: 'other' })
    expect(await fetch('/')).toMatchObject({ status: 404, body: 'other' })
  })

  it('never serves a response that was removed while its refresh was in progress', async () => {
    const { fetch, gate, clock, clear } = await setUp({
      options: IF_ERROR,
      answer: (_request, run) => {
        if (run === 1) return { body: 'first' }
        void clear()
        throw new Error('broken')
      },
    })
    gate.open()
    await fetch('/')
    clock.advance(1_500)
    expect((await fetch('/')).status).toBe(500)
  })

  it('removes the response when the refresh says that it is private now', async () => {
    const { fetch, events, gate, clock } = await setUp({
      options: WHILE_REVALIDATE,
      answer: (_request, run) =>
        run === 1 ? { body: 'for all' } : { headers: { 'cache-control': 'private' }, body: `run ${run}` },
    })
    gate.open()
    await fetch('/')
    clock.advance(1_500)
    expect((await fetch('/')).body).toBe('for all')
    await events.until('decline', 1)
    expect((await fetch('/')).body).toBe('run 3')
  })

  it('is no matter for a client to bring about', async () => {
    const { fetch, gate, runs } = await setUp({ options: { ttl: SECOND } })
    gate.open()
    await fetch('/')
    const forged = ['x-stampede-refresh', 'stampede-refresh', 'x-stampede-ticket', 'stampede-ticket']
    for (const name of forged) expect((await fetch('/', { headers: { [name]: '1' } })).body).toBe('run 1')
    expect(runs.count('run')).toBe(1)
  })
}
