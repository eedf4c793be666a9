import { expect, it } from 'vitest'
import type { SetUp } from '../adapter-suite.ts'

const TTL = 5_000
const answer = (request: { header(name: string): string | undefined }): { body: string } => ({
  body: request.header('authorization') ?? request.header('cookie') ?? 'nobody',
})

export function credentialCases(setUp: SetUp): void {
  for (const headers of [{ cookie: 'session=alice' }, { authorization: 'Bearer alice' }, { 'x-api-key': 'alice' }]) {
    it(`bypasses a request with ${Object.keys(headers)[0]}`, async () => {
      const { fetch, gate, runs, stats } = await setUp({ options: { ttl: TTL } })
      gate.open()
      await Promise.all([fetch('/', { headers }), fetch('/', { headers }), fetch('/')])
      await fetch('/', { headers })
      expect(runs.count('run')).toBe(4)
      expect(stats()).toMatchObject({ bypasses: 3, misses: 1, entries: 1 })
    })
  }

  it('keeps users apart with credentials: separate', async () => {
    const { fetch, gate, runs } = await setUp({ options: { ttl: TTL, credentials: 'separate' }, answer })
    gate.open()
    for (const user of ['alice', 'bob', 'alice']) {
      expect((await fetch('/', { headers: { authorization: user } })).body).toBe(user)
    }
    expect((await fetch('/')).body).toBe('nobody')
    expect(runs.count('run')).toBe(3)
  })

  it('lets cookies count for nothing that identify nobody', async () => {
    const { fetch, gate, runs } = await setUp({ options: { ttl: TTL, cookies: ['session'] } })
    gate.open()
    await fetch('/', { headers: { cookie: 'analytics=1' } })
    await fetch('/', { headers: { cookie: 'analytics=2; consent=yes' } })
    expect(runs.count('run')).toBe(1)
    await fetch('/', { headers: { cookie: 'analytics=1; session=alice' } })
    expect(runs.count('run')).toBe(2)
  })

  it('shares an answer to Authorization only where it says that it may be (RFC 9111 s3.5)', async () => {
    const { fetch, gate } = await setUp({
      options: { ttl: TTL, credentials: 'share' },
      answer: ({ target }, run) => ({
        headers: target === '/public' ? { 'cache-control': 'public' } : {},
        body: `run ${run}`,
      }),
    })
    gate.open()
    const bodies: string[] = []
    for (const target of ['/own', '/own', '/public', '/public']) {
      bodies.push((await fetch(target, { headers: { authorization: 'Bearer x' } })).body)
    }
    expect(bodies).toEqual(['run 1', 'run 2', 'run 3', 'run 3'])
  })

  it('tells once that all of the first requests bypassed, and says nothing where one took part', async () => {
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
