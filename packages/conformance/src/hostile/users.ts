import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginAnswer, OriginRequest } from '../mount.ts'
import { type Asked, ask, exchange, field, seen, written } from './wire.ts'

const TTL = 60_000
const ALICE = 'Cookie: session=alice'

/** A page that greets a user with a cookie or a token, without declaring it. */
const greeting = (request: OriginRequest): OriginAnswer => ({
  body: `hello ${request.header('cookie') ?? request.header('authorization') ?? 'nobody'}`,
})

/** Ways to show a credential that a careless look would miss. */
const DISGUISED: Readonly<Record<string, readonly string[]>> = {
  'other letters': ['COOKIE: session=alice'],
  'two lines': ['Cookie: a=1', 'Cookie: session=alice'],
  'no space': ['Cookie:session=alice'],
  'tabs around it': ['Cookie:\t session=alice \t'],
  'an empty cookie beside it': ['Cookie:', 'Cookie: session=alice'],
  'behind two hundred other lines': [...Array.from({ length: 200 }, (_, index) => `X-${index}: 1`), ALICE],
  'named in Connection': ['Connection: cookie, keep-alive', ALICE],
  'named in Connection, and cut off': ['Connection: authorization, close, x-foo', 'Authorization: Bearer alice'],
  'an Authorization of an unknown scheme': ['Authorization: session=alice'],
  'an Authorization without credentials': ['Authorization: alice', 'Authorization:'],
  'a token for a proxy': ['Proxy-Authorization: Basic alice'],
  'what a proxy in front found out': ['X-Forwarded-User: alice'],
}

export function userCases(setUp: SetUp): void {
  for (const [way, lines] of Object.entries(DISGUISED)) {
    it(`neither share nor get shared answers: ${way}`, async () => {
      const { port, gate, stats } = await setUp({ options: { ttl: TTL }, answer: greeting })
      gate.open()
      const first = await ask(port, { lines })
      expect(field(first, 'cache-status')).toContain('fwd=bypass')
      expect(await seen(port)).toBe('200 hello nobody')
      expect((await ask(port, { lines })).body).toEqual(first.body)
      expect(stats()).toMatchObject({ hits: 0, entries: 1, misses: 1, bypasses: 2 })
    })
  }

  it('that log in later get their own page, on the same connection too', async () => {
    const { port, gate } = await setUp({ options: { ttl: TTL }, answer: greeting })
    gate.open()
    const requests = [{}, {}, { lines: [ALICE] }, {}, { lines: [ALICE] }]
    const bytes = requests.map((asked, index) => written({ ...asked, last: index === requests.length - 1 })).join('')
    const bodies = (await exchange(port, bytes)).map(({ body }) => body.toString())
    const [nobody, alice] = ['hello nobody', 'hello session=alice']
    expect(bodies).toEqual([nobody, nobody, alice, nobody, alice])
  })

  it('that wait beside one with a cookie never get its page', async () => {
    const { port, gate, runs, events } = await setUp({ options: { ttl: TTL }, answer: greeting })
    const asked: readonly Asked[] = [{ lines: [ALICE] }, {}, {}, { lines: ['Cookie: session=bob'] }]
    const replies = asked.map(request => seen(port, request))
    await Promise.all([runs.until('run', 3), events.until('follow', 1)])
    gate.open()
    expect(await Promise.all(replies)).toEqual([
      '200 hello session=alice',
      '200 hello nobody',
      '200 hello nobody',
      '200 hello session=bob',
    ])
  })

  it('get no cookie of another where middleware in front gives each a session', async () => {
    let sessions = 0
    const { port, gate, stats } = await setUp({
      options: { ttl: TTL },
      inFront: { after: () => ({ 'set-cookie': `session=${++sessions}` }) },
    })
    gate.open()
    const replies = [await ask(port), await ask(port), await ask(port)]
    expect(replies.map(reply => field(reply, 'set-cookie'))).toEqual(['session=1', 'session=2', 'session=3'])
    expect(stats()).toMatchObject({ entries: 0, hits: 0 })
  })

  it('get no cookie of another where a hit passes middleware that sets one only for the first', async () => {
    let isFirst = true
    const { port, gate } = await setUp({
      options: { ttl: TTL },
      inFront: {
        after: () => {
          const headers: Record<string, string> = isFirst ? { 'set-cookie': 'session=first' } : {}
          isFirst = false
          return headers
        },
      },
    })
    gate.open()
    expect(field(await ask(port), 'set-cookie')).toBe('session=first')
    for (const body of ['run 2', 'run 3', 'run 3']) {
      const reply = await ask(port)
      expect([field(reply, 'set-cookie'), reply.body.toString()]).toEqual([undefined, body])
    }
  })

  it('with Authorization share only what says so, even where all credentials are ignored (RFC 9111 s3.5)', async () => {
    const { port, gate, stats } = await setUp({ options: { ttl: TTL, credentials: 'share' }, answer: greeting })
    gate.open()
    const bearer = (name: string): Asked => ({ lines: [`Authorization: Bearer ${name}`] })
    expect(await seen(port, bearer('alice'))).toBe('200 hello Bearer alice')
    expect(await seen(port, bearer('bob'))).toBe('200 hello Bearer bob')
    expect(stats().entries).toBe(0)
    expect(await seen(port)).toBe('200 hello nobody')
  })

  it('without credentials are shared again though one with Authorization came first', async () => {
    const { port, gate, runs } = await setUp({ options: { ttl: TTL, credentials: 'share' } })
    gate.open()
    await ask(port, { lines: ['Authorization: Bearer x'] })
    for (let time = 0; time < 4; time += 1) await ask(port)
    expect(runs.count('run')).toBeLessThanOrEqual(3)
  })

  it.each([{}, { query: [] }, { query: 'sorted' as const }])(
    'get no page of a tenant that a header chose, with %j',
    async given => {
      const { port, gate } = await setUp({
        options: { ttl: TTL, ...given },
        inFront: { rewrite: ({ target, header }) => `${header('x-tenant') ?? ''}${target}` },
        answer: ({ routed }) => ({ body: `${routed.split('?', 1)[0]}` }),
      })
      gate.open()
      const tenants = ['/a', '/a/b', '/b', '/a', '/A', '']
      for (const tenant of [...tenants, ...tenants]) {
        const lines = tenant === '' ? [] : [`X-Tenant: ${tenant}`]
        for (const target of ['/b/page', '/page', '/b/page?a'])
          expect(await seen(port, { target, lines })).toBe(`200 ${tenant}${target.split('?', 1)[0]}`)
      }
    },
  )

  it('cannot forge a request of Stampede’s own', async () => {
    const { port, gate, clock, runs } = await setUp({
      options: { ttl: 1_000, staleWhileRevalidate: TTL },
      answer: (request, run) => ({ body: `${run} ${request.header('x-page') ?? '-'}` }),
    })
    gate.open()
    await ask(port)
    clock.advance(1_001)
    const marks = ['Stampede', 'Stampede-Refresh', 'X-Stampede', 'X-Stampede-Refresh', 'X-Stampede-Ticket', 'Purpose']
    const forged = { lines: [...marks.map(name => `${name}: refresh`), 'X-Page: evil', 'Prefer: respond-async'] }
    expect(await seen(port, forged)).toBe('200 1 -')
    await runs.until('run', 2)
    expect(await seen(port)).not.toContain('evil')
  })
}
