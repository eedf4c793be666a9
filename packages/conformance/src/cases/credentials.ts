import type { HttpOptions, RequestView } from '@stampede/core/http'
import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'

const TTL = 5_000
const answer = (request: { header(name: string): string | undefined }): { body: string } => ({
  body: request.header('authorization') ?? request.header('cookie') ?? 'nobody',
})

/** Headers that identify a user by default. */
const CREDENTIALS = [
  'Authorization',
  'Proxy-Authorization',
  'Cookie',
  'X-Api-Key',
  'X-Auth-Token',
  'X-Access-Token',
  'X-Csrf-Token',
  'X-Forwarded-User',
  'Remote-User',
  'X-Forwarded-Client-Cert',
  'X-Goog-IAP-JWT-Assertion',
  'X-Goog-Authenticated-User-Email',
  'X-Goog-Authenticated-User-Id',
  'Cf-Access-Jwt-Assertion',
  'Cf-Access-Authenticated-User-Email',
  'CF-Access-Client-Id',
  'CF-Access-Client-Secret',
  'X-MS-CLIENT-PRINCIPAL',
  'X-MS-CLIENT-PRINCIPAL-ID',
  'X-MS-CLIENT-PRINCIPAL-NAME',
  'X-MS-TOKEN-AAD-ID-TOKEN',
  'X-MS-TOKEN-AAD-ACCESS-TOKEN',
  'x-amzn-oidc-accesstoken',
  'x-amzn-oidc-data',
  'x-amzn-oidc-identity',
  'X-Amz-Security-Token',
]

export function credentialCases(setUp: SetUp): void {
  for (const name of CREDENTIALS) {
    /** The answers to alice, bob, alice and an anonymous request, under these options. */
    const answers = async (options: HttpOptions): Promise<readonly string[]> => {
      const { fetch, gate } = await setUp({
        options: { ttl: TTL, ...options },
        // Without it no answer to Authorization may be shared (RFC 9111 s3.5).
        answer: request => ({
          headers: { 'cache-control': 'public' },
          body: request.header(name.toLowerCase()) ?? '-',
        }),
      })
      gate.open()
      const all: string[] = []
      for (const headers of [{ [name]: 'a' }, { [name]: 'b' }, { [name]: 'a' }, {}]) {
        const reply = await fetch('/', { headers })
        all.push(`${reply.body} ${String(reply.headers['cache-status']).replace(/^stampede; |; ttl=.*/g, '')}`)
      }
      return all
    }
    const byUser = ['a fwd=uri-miss', 'b fwd=uri-miss', 'a hit', '- fwd=uri-miss']

    it(`shares nothing with ${name}, unless an option allows it`, async () => {
      const reason = `fwd=bypass; detail=${name.toLowerCase()}`
      expect(await answers({})).toEqual([`a ${reason}`, `b ${reason}`, `a ${reason}`, '- fwd=uri-miss'])
      expect(await answers({ credentials: 'separate' })).toEqual(byUser)
      const key = (view: RequestView): string => view.header(name.toLowerCase()) ?? ''
      expect(await answers({ credentials: 'keyed', key })).toEqual(byUser)
      expect(await answers({ credentials: 'share' })).toEqual(['a fwd=uri-miss', 'a hit', 'a hit', 'a hit'])
    })
  }

  it('joins no flight with credentials, and leads none', async () => {
    const { fetch, gate, runs, stats } = await setUp({ options: { ttl: TTL } })
    const headers = { cookie: 'session=alice' }
    const replies = [fetch('/'), fetch('/', { headers }), fetch('/', { headers })]
    await runs.until('run', 3)
    gate.open()
    await Promise.all(replies)
    expect(stats()).toMatchObject({ bypasses: 2, misses: 1, collapsed: 0, entries: 1 })
  })

  it('keeps users apart with credentials: separate', async () => {
    const { fetch, gate, runs } = await setUp({ options: { ttl: TTL, credentials: 'separate' }, answer })
    gate.open()
    for (const user of ['alice', 'bob', 'alice']) {
      expect((await fetch('/', { headers: { authorization: user } })).body).toBe(user)
    }
    expect((await fetch('/')).body).toBe('nobody')
    expect(runs.count('run')).toBe(3)
  })

  it('ignores cookies that identify no user', async () => {
    const { fetch, gate, runs } = await setUp({ options: { ttl: TTL, cookies: ['session'] } })
    gate.open()
    await fetch('/', { headers: { cookie: 'analytics=1' } })
    await fetch('/', { headers: { cookie: 'analytics=2; consent=yes' } })
    expect(runs.count('run')).toBe(1)
    await fetch('/', { headers: { cookie: 'analytics=1; session=alice' } })
    expect(runs.count('run')).toBe(2)
  })

  it('counts a cookie by its exact name, wherever it stands and however often', async () => {
    const { fetch, gate, stats } = await setUp({ options: { ttl: TTL, cookies: ['session'] } })
    gate.open()
    const personal = ['session=', 'a=1;session=x', 'session=x; session=y', 'a=1, session=x', 'session', 'session.sig=x']
    for (const cookie of personal) await fetch('/', { headers: { cookie } })
    await fetch('/', { headers: { cookie: ['a=1', 'session=x'] } })
    expect(stats()).toMatchObject({ bypasses: 7, misses: 0 })
    const common = ['Session=x', 'xsession=x', 'session2=x', '"session"=x', 'a=session', 'a b=session=x', '']
    for (const cookie of common) await fetch('/', { headers: { cookie } })
    expect(stats()).toMatchObject({ bypasses: 7, misses: 1, hits: 6 })
  })

  it('keeps apart users by the cookies that count, and by nothing else of them', async () => {
    const { fetch, gate } = await setUp({ options: { ttl: TTL, credentials: 'separate', cookies: ['s'] } })
    gate.open()
    const bodies: string[] = []
    for (const cookie of ['s=1; a=1', 'a=2; s=1', 's=2', 's=1; s=2', 's=2; s=1', 's=1; s.sig=1', 's=1,2', 'a=3'])
      bodies.push((await fetch('/', { headers: { cookie } })).body)
    expect(bodies).toEqual(['run 1', 'run 1', 'run 2', 'run 3', 'run 4', 'run 5', 'run 6', 'run 7'])
  })

  it('shares an answer to Authorization only where it says that it may be (RFC 9111 s3.5)', async () => {
    const { fetch, gate } = await setUp({
      options: { ttl: TTL, credentials: 'share' },
      answer: ({ target }, run) => ({
        headers: { 'cache-control': target === '/none' ? 'max-age=60' : target.slice(1) },
        body: `run ${run}`,
      }),
    })
    gate.open()
    const bodies: string[] = []
    for (const target of ['/none', '/public', '/s-maxage=60', '/must-revalidate']) {
      for (const name of ['x', 'y'])
        bodies.push((await fetch(target, { headers: { authorization: `Bearer ${name}` } })).body)
    }
    expect(bodies).toEqual(['run 1', 'run 2', 'run 3', 'run 3', 'run 4', 'run 4', 'run 5', 'run 5'])
  })

  it('reports once that all of the first requests bypassed, and nothing if one took part', async () => {
    const { fetch, events, gate } = await setUp()
    gate.open()
    const cookie = { headers: { cookie: 'a=b' } }
    for (let index = 0; index < 19; index += 1) await fetch('/', cookie)
    expect(events.count('all-bypassed')).toBe(0)
    for (let index = 0; index < 40; index += 1) await fetch('/', cookie)
    expect(events.count('all-bypassed')).toBe(1)
    const other = await setUp()
    other.gate.open()
    await other.fetch('/')
    for (let index = 0; index < 40; index += 1) await other.fetch('/', cookie)
    expect(other.events.count('all-bypassed')).toBe(0)
  })
}
