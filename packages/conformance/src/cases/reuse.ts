import { expect, it } from 'vitest'
import type { OriginAnswer } from '../mount.ts'
import { StreamedBody } from '../mount.ts'
import type { SetUp } from '../suite.ts'

const MODIFIED = 'Mon, 01 Jan 2024 00:00:00 GMT'

async function* pieces(): AsyncIterable<string> {
  yield 'bo'
  yield await Promise.resolve('dy')
}

/** What a handler may answer with: the kind of a body decides nothing. */
const BODIES: Readonly<Record<string, () => NonNullable<OriginAnswer['body']>>> = {
  text: () => 'body',
  bytes: () => Buffer.from('body'),
  'an object': () => ({ a: 1 }),
  'a stream': () => new StreamedBody(pieces()),
}

export function reuseCases(setUp: SetUp): void {
  it.each(['Thu, 18-Aug-2050 02:01:18 GMT', 'Thu, 18 Aug 50 02:01:18 GMT', 'Thursday, 18-Aug-2050 02:01:18 GMT'])(
    'an Expires of %s is no date, and so past (RFC 9111 s5.3)',
    async expires => {
      const { fetch, gate, runs } = await setUp({ answer: () => ({ headers: { expires }, body: 'x' }) })
      gate.open()
      await fetch('/')
      await fetch('/')
      expect(runs.count('run')).toBe(2)
    },
  )

  it('must-understand lets a response be stored in spite of no-store, if its status is understood', async () => {
    const { fetch, gate, runs } = await setUp({
      answer: ({ target }) => ({
        status: Number(target.slice(1)),
        headers: { 'cache-control': 'max-age=60, no-store, must-understand' },
        body: 'x',
      }),
    })
    gate.open()
    for (const [target, more] of [
      ['/200', 1],
      ['/404', 1],
      ['/299', 2],
    ] as const) {
      await fetch(target)
      await fetch(target)
      expect([target, runs.count(target)]).toEqual([target, more])
    }
  })

  for (const [kind, body] of Object.entries(BODIES))
    for (const control of ['max-age=0', 'no-cache', 'max-age=0, must-revalidate', 's-maxage=0'])
      it(`${kind} with ${control} and a validator is stored, and revalidated for each request`, async () => {
        const seen: unknown[] = []
        const { fetch, gate, stats } = await setUp({
          answer: (request, run) => {
            seen.push([request.header('if-none-match'), request.header('if-modified-since')])
            const headers = { 'cache-control': control, etag: '"v1"', 'last-modified': MODIFIED }
            return run === 1 ? { headers, body: body() } : { status: 304, headers }
          },
        })
        gate.open()
        const first = await fetch('/')
        const again = [await fetch('/'), await fetch('/', { headers: { 'if-none-match': '"old"' } })]
        expect(again.map(reply => [reply.status, reply.body])).toEqual([
          [200, first.body],
          [200, first.body],
        ])
        expect((await fetch('/', { headers: { 'if-none-match': '"v1"' } })).status).toBe(304)
        expect(seen).toEqual([[undefined, undefined], ...[1, 2, 3].map(() => ['"v1"', MODIFIED])])
        expect(stats().entries).toBe(1)
      })

  it('max-age=0 with a validator is replaced by the handler’s next answer', async () => {
    const { fetch, gate } = await setUp({
      answer: (_request, run) => ({
        headers: { 'cache-control': 'max-age=0', etag: `"v${run}"` },
        body: `run ${run}`,
      }),
    })
    gate.open()
    const bodies = [await fetch('/'), await fetch('/'), await fetch('/')].map(({ body }) => body)
    expect(bodies).toEqual(['run 1', 'run 2', 'run 3'])
  })

  it('If-Modified-Since is compared with Date where there is no Last-Modified (RFC 9111 s4.3.2)', async () => {
    const { fetch, gate } = await setUp({
      options: { ttl: 60_000 },
      answer: () => ({ headers: { date: MODIFIED }, body: 'x' }),
    })
    gate.open()
    await fetch('/')
    const statuses: number[] = []
    for (const since of [MODIFIED, 'Mon, 01 Jan 2024 00:00:01 GMT', 'Sun, 31 Dec 2023 23:59:59 GMT', 'once'])
      statuses.push((await fetch('/', { headers: { 'if-modified-since': since } })).status)
    expect(statuses).toEqual([304, 304, 200, 200])
  })

  it.each([302, 303, 307])(
    'a redirect with status %i is kept by a ttl function alone (RFC 9110 s15.4)',
    async status => {
      for (const [ttl, runs] of [
        [60_000, 2],
        [() => 60_000, 1],
      ] as const) {
        const stage = await setUp({ options: { ttl }, answer: () => ({ status, headers: { location: '/to' } }) })
        stage.gate.open()
        await stage.fetch('/')
        await stage.fetch('/')
        expect(stage.runs.count('run')).toBe(runs)
      }
    },
  )

  it('lists for negotiation select by their grammar, in their order; the handler sees what selects', async () => {
    const languages = ['EN , de;q=0.5', 'en,de;q=0.5', 'eN,\tDE ; q=0.5']
    const { fetch, gate, runs } = await setUp({
      options: { ttl: 60_000 },
      answer: request => ({
        headers: { vary: 'Accept-Language, Accept-Encoding' },
        body: `${request.header('accept-language')} ${request.header('accept-encoding')}`,
      }),
    })
    gate.open()
    for (const [index, language] of languages.entries()) {
      const encoding = ['gzip,br', ' gzip ,  br', 'gzip, br'][index] ?? ''
      const { body } = await fetch('/', { headers: { 'accept-language': language, 'accept-encoding': encoding } })
      expect(body).toBe('en,de;q=0.5 gzip, br')
    }
    expect(runs.count('run')).toBe(1)
    for (const language of ['de;q=0.5,en', 'en,de;q=0.50', 'en, de'])
      await fetch('/', { headers: { 'accept-language': language, 'accept-encoding': 'gzip, br' } })
    expect(runs.count('run')).toBe(4)
  })

  it.each(['User-Agent', 'Cookie', 'Origin', 'X-Tenant'])('%s selects as sent', async name => {
    const { fetch, gate, runs } = await setUp({
      options: { ttl: 60_000, credentials: 'share' },
      answer: request => ({ headers: { vary: name }, body: request.header(name.toLowerCase()) ?? 'none' }),
    })
    gate.open()
    for (const value of ['A, b', 'A,b', 'a, b'])
      expect((await fetch('/', { headers: { [name]: value } })).body).toBe(value)
    expect(runs.count('run')).toBe(3)
  })
}
