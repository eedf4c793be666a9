import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import { Gate } from '../gate.ts'
import type { OriginAnswer } from '../mount.ts'

const TTL = 5_000

/** A moment so far from now, as fields carry it. */
function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toUTCString()
}

/** Answers for the requesting client alone; each names its run. */
const UNSHAREABLE: Readonly<Record<string, OriginAnswer>> = {
  'Cache-Control: private': { headers: { 'cache-control': 'private' } },
  'Cache-Control: private with max-age': { headers: { 'cache-control': 'max-age=60, private="x"' } },
  'Cache-Control: no-store': { headers: { 'cache-control': 'No-Store' } },
  'Cache-Control: no-cache': { headers: { 'cache-control': 'no-cache' } },
  'max-age=0 with must-revalidate': { headers: { 'cache-control': 'max-age=0, must-revalidate' } },
  'max-age=0 with proxy-revalidate': { headers: { 'cache-control': 'max-age=0, proxy-revalidate' } },
  's-maxage=0': { headers: { 'cache-control': 's-maxage=0, max-age=60' } },
  'Set-Cookie': { headers: { 'set-cookie': 'session=1' } },
  'Vary: *': { headers: { vary: '*' } },
  'Vary with what is no name': { headers: { vary: 'accept language' } },
  'must-understand with a status that is not (RFC 9111 s5.2.2.3)': {
    status: 599,
    headers: { 'cache-control': 'max-age=60, must-understand' },
  },
  'an event stream': { headers: { 'content-type': 'text/event-stream' } },
  'status 206': { status: 206, headers: { 'content-range': 'bytes 0-4/10' } },
  'status 401': { status: 401 },
  'status 429': { status: 429 },
}

/** Answers for followers, but not for later requests. */
const NOT_STORED: Readonly<Record<string, OriginAnswer>> = {
  'max-age=0': { headers: { 'cache-control': 'max-age=0' } },
  'a Date that is older than max-age': { headers: { 'cache-control': 'max-age=60', date: inSeconds(-3_600) } },
  'Expires in the past, later than Date': { headers: { date: inSeconds(-3_600), expires: inSeconds(-1_800) } },
  's-maxage=0 beside a max-age is refused by the rules, Expires in the past is not': { headers: { expires: '0' } },
  'an Age as old as max-age': { headers: { 'cache-control': 'max-age=60', age: '60' } },
  'status 302': { status: 302, headers: { location: '/elsewhere' } },
  'status 404': { status: 404 },
  'status 503': { status: 503 },
}

/** Answers that are stored without a ttl of the options. */
const STORED: Readonly<Record<string, OriginAnswer>> = {
  'max-age': { headers: { 'cache-control': 'max-age=60' } },
  's-maxage over max-age': { headers: { 'cache-control': 'max-age=0, s-maxage=60' } },
  'Expires less Date': {
    headers: { date: inSeconds(3_600), expires: inSeconds(3_660) },
  },
  'a redirect that says so': { status: 302, headers: { location: '/elsewhere', 'cache-control': 'max-age=60' } },
  'must-understand with a status that is': { headers: { 'cache-control': 'max-age=60, must-understand' } },
  'a 404 that says so': { status: 404, headers: { 'cache-control': 'max-age=60' } },
}

export function sharingCases(setUp: SetUp): void {
  for (const [name, answer] of Object.entries(UNSHAREABLE)) {
    it(`does not share: ${name}`, async () => {
      const { burst, fetch, gate, runs, stats } = await setUp({
        options: { ttl: TTL },
        answer: (_request, run) => ({ ...answer, body: `run ${run}` }),
      })
      const replies = await burst(10, '/')
      gate.open()
      const bodies = (await Promise.all(replies)).map(reply => reply.body)
      expect(new Set(bodies).size).toBe(10)
      expect((await fetch('/')).body).toBe('run 11')
      expect(runs.count('run')).toBe(11)
      expect(stats()).toMatchObject({ collapsed: 0, hits: 0, entries: 0 })
    })
  }

  for (const [name, answer] of Object.entries(NOT_STORED)) {
    it(`shares with followers, and does not store: ${name}`, async () => {
      const { burst, fetch, gate } = await setUp({
        options: { ttl: answer.status === undefined ? TTL : 0 },
        answer: (_request, run) => ({ ...answer, body: `run ${run}` }),
      })
      const replies = await burst(5, '/')
      gate.open()
      expect((await Promise.all(replies)).map(reply => reply.body)).toEqual(Array(5).fill('run 1'))
      expect((await fetch('/')).body).toBe('run 2')
    })
  }

  for (const [name, answer] of Object.entries(STORED)) {
    it(`stores for as long as it says: ${name}`, async () => {
      const { fetch, gate, clock } = await setUp({ answer: (_request, run) => ({ ...answer, body: `run ${run}` }) })
      gate.open()
      await fetch('/')
      clock.advance(59_000)
      expect(await fetch('/')).toMatchObject({ status: answer.status ?? 200, body: 'run 1' })
      clock.advance(1_000)
      expect((await fetch('/')).body).toBe('run 2')
    })
  }

  it('runs the handler for all followers in parallel if the answer is not shareable', async () => {
    const { burst, gate, runs } = await setUp({
      answer: async (_request, run) => {
        // No run but the first ends before all others have begun.
        if (run > 1) await runs.until('run', 10)
        return { headers: { 'cache-control': 'private' }, body: `run ${run}` }
      },
    })
    const replies = await burst(10, '/')
    gate.open()
    expect(new Set((await Promise.all(replies)).map(reply => reply.body)).size).toBe(10)
  })

  it('remembers a key that is not shareable, so that no request waits for it, until a shareable answer', async () => {
    const later = new Gate()
    const last = new Gate()
    const { fetch, burst, events, gate, runs } = await setUp({
      answer: async (_request, run) => {
        if (run > 1) await later.passed()
        if (run > 3) await last.passed()
        return { headers: run === 1 ? { 'cache-control': 'private' } : {}, body: `run ${run}` }
      },
    })
    gate.open()
    await fetch('/')
    const alone = [fetch('/'), fetch('/')]
    await runs.until('run', 3)
    expect(events.count('follow')).toBe(0)
    later.open()
    await Promise.all(alone)
    const together = await burst(3, '/')
    last.open()
    expect(new Set((await Promise.all(together)).map(reply => reply.body))).toEqual(new Set(['run 4']))
  })

  it('remembers so for ten seconds, and no longer', async () => {
    const last = new Gate()
    const { burst, fetch, events, gate, clock, runs } = await setUp({
      answer: async (_request, run) => {
        if (run === 2) await runs.until('run', 3)
        if (run > 3) await last.passed()
        return { headers: { 'cache-control': 'private' }, body: `run ${run}` }
      },
    })
    gate.open()
    await fetch('/')
    clock.advance(9_999)
    // Side by side: the one ends only when the other has begun.
    const alone = await Promise.all([fetch('/'), fetch('/')])
    const status = 'stampede; fwd=uri-miss; detail=unshared'
    expect(alone.map(({ headers }) => headers['cache-status'])).toEqual([status, status])
    expect(events.count('follow')).toBe(0)
    clock.advance(10_000)
    const together = await burst(2, '/')
    last.open()
    expect(new Set((await Promise.all(together)).map(({ body }) => body))).toEqual(new Set(['run 4', 'run 5']))
  })

  it('splits by what an earlier answer varied on, also where nothing was stored', async () => {
    const { fetch, events, gate, runs } = await setUp({
      answer: async (request, run) => {
        if (run === 2) await runs.until('run', 3)
        return { headers: { vary: 'Accept-Language' }, body: request.header('accept-language') ?? 'none' }
      },
    })
    gate.open()
    await fetch('/')
    const both = ['de', 'fr'].map(language => fetch('/', { headers: { 'accept-language': language } }))
    expect((await Promise.all(both)).map(({ body }) => body)).toEqual(['de', 'fr'])
    expect([events.count('follow'), runs.count('run')]).toEqual([0, 3])
  })

  it('splits by Origin where the handler echoes it without saying so, and replays it by the variant', async () => {
    const { fetch, events, gate, runs } = await setUp({
      options: { ttl: TTL },
      answer: request => ({
        headers: {
          'access-control-allow-origin': request.header('origin') ?? '*',
          'access-control-expose-headers': 'X-Own',
        },
        body: request.header('origin') ?? 'none',
      }),
    })
    const origins = ['https://a.example', 'https://b.example', 'https://a.example']
    const waiting = origins.map(origin => fetch('/', { headers: { origin } }))
    await events.until('follow', 2)
    gate.open()
    const replies = [...(await Promise.all(waiting)), await fetch('/', { headers: { origin: 'https://b.example' } })]
    expect(replies.map(({ body, headers }) => [body, headers['access-control-allow-origin']])).toEqual(
      [...origins, 'https://b.example'].map(origin => [origin, origin]),
    )
    for (const { headers } of replies) expect(headers['access-control-expose-headers']).toBe('X-Own')
    expect(runs.count('run')).toBe(2)
  })

  it('counts a Set-Cookie that middleware in front adds after the handler', async () => {
    let visitor = 0
    const { burst, gate, runs } = await setUp({
      options: { ttl: TTL },
      inFront: {
        after: () => {
          visitor += 1
          return { 'set-cookie': `visitor=${visitor}` }
        },
      },
      answer: (_request, run) => ({ body: `run ${run}` }),
    })
    const replies = await burst(5, '/')
    gate.open()
    expect(new Set((await Promise.all(replies)).map(reply => reply.body)).size).toBe(5)
    expect(runs.count('run')).toBe(5)
  })

  it('counts a Cache-Control: private that middleware in front set before the handler', async () => {
    const { burst, gate } = await setUp({
      options: { ttl: TTL },
      inFront: { before: () => ({ 'cache-control': 'private' }) },
    })
    const replies = await burst(5, '/')
    gate.open()
    expect(new Set((await Promise.all(replies)).map(reply => reply.body)).size).toBe(5)
  })

  it('splits by the Vary that the leader’s answer teaches, one run a variant', async () => {
    const { fetch, events, gate, runs } = await setUp({
      options: { ttl: TTL },
      answer: request => ({ headers: { vary: 'Accept-Language' }, body: request.header('accept-language') ?? 'none' }),
    })
    const languages = ['de', 'fr', 'de', 'fr', 'de']
    const leader = fetch('/', { headers: { 'accept-language': 'de' } })
    await runs.until('run', 1)
    const followers = languages.map(language => fetch('/', { headers: { 'accept-language': language } }))
    await events.until('follow', languages.length)
    gate.open()
    expect((await leader).body).toBe('de')
    expect((await Promise.all(followers)).map(reply => reply.body)).toEqual(languages)
    expect(runs.count('run')).toBe(2)
    expect((await fetch('/', { headers: { 'accept-language': 'fr' } })).body).toBe('fr')
    expect((await fetch('/')).body).toBe('none')
    expect(runs.count('run')).toBe(3)
  })

  it('keeps errors for the errorTtl only', async () => {
    const { fetch, gate, clock } = await setUp({
      options: { ttl: 60_000, errorTtl: TTL },
      answer: (_request, run) => ({ status: 503, body: `run ${run}` }),
    })
    gate.open()
    await fetch('/')
    expect((await fetch('/')).body).toBe('run 1')
    clock.advance(TTL)
    expect((await fetch('/')).body).toBe('run 2')
  })
}
