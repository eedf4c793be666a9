import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginAnswer } from '../mount.ts'
import type { Stage } from '../stage.ts'

const MODIFIED = 'Mon, 01 Jan 2024 00:00:00 GMT'
const LATER = 'Tue, 02 Jan 2024 00:00:00 GMT'

type Headers = Readonly<Record<string, string>>

export function fresheningCases(setUp: SetUp): void {
  /** What is stored for a second, and stale; the next run answers with a 304, each one after it with all of it again. */
  async function stale(stored: Headers, said: Headers): Promise<Stage> {
    const scene = await setUp({
      answer: (_request, run): OriginAnswer =>
        run === 2
          ? { status: 304, headers: { 'cache-control': 'max-age=60', ...said } }
          : { headers: { 'cache-control': 'max-age=1', 'x-run': String(run), ...stored }, body: 'hello' },
    })
    scene.gate.open()
    await scene.fetch('/')
    scene.clock.advance(2_000)
    return scene
  }

  it.each([
    ['x-own', 'old', 'new'],
    ['content-language', 'en', 'de'],
    ['content-location', '/old', '/new'],
    ['content-security-policy', "default-src 'self'", "default-src 'none'"],
    ['last-modified', MODIFIED, LATER],
  ])('%s, for its leader and for who comes later (RFC 9111 s3.2)', async (name, old, fresh) => {
    const { fetch, runs } = await stale({ etag: '"v1"', [name]: old }, { etag: '"v1"', [name]: fresh })
    for (const _ of [1, 2]) expect(await fetch('/')).toMatchObject({ body: 'hello', headers: { [name]: fresh } })
    expect(runs.count('run')).toBe(2)
  })

  it.each([
    ['content-type', 'text/plain', 'text/html'],
    ['content-length', '5', '10'],
  ])('never %s', async (name, old, said) => {
    const { fetch } = await stale({ etag: '"v1"', [name]: old }, { etag: '"v1"', [name]: said })
    await fetch('/')
    expect(await fetch('/')).toMatchObject({ body: 'hello', headers: { [name]: old } })
  })

  it.each(['content-encoding', 'content-range'])('never adds %s', async name => {
    const { fetch } = await stale({ etag: '"v1"' }, { etag: '"v1"', [name]: 'x' })
    for (const _ of [1, 2]) {
      const reply = await fetch('/')
      expect(reply.body).toBe('hello')
      expect(reply.headers).not.toHaveProperty(name)
    }
  })

  it('gives its own client what speaks to that one alone: a cookie, a rate limit', async () => {
    const personal = { 'set-cookie': 'visitor=1', 'x-ratelimit-remaining': '5' }
    const { fetch, runs } = await stale({ etag: '"v1"' }, { etag: '"v1"', ...personal })
    expect(await fetch('/')).toMatchObject({
      status: 200,
      body: 'hello',
      headers: { 'set-cookie': ['visitor=1'], 'x-ratelimit-remaining': '5' },
    })
    const { headers } = await fetch('/')
    for (const name of Object.keys(personal)) expect(headers).not.toHaveProperty(name)
    expect(runs.count('run')).toBe(3)
  })

  it.each<[Headers, Headers]>([
    [{ etag: '"v1"' }, { etag: '"v1"' }],
    [{ etag: '"v1"' }, { etag: 'W/"v1"' }],
    [{ etag: 'W/"v1"' }, { etag: 'W/"v1"' }],
    [{ etag: '"v1"', 'last-modified': MODIFIED }, { 'last-modified': MODIFIED }],
    [{ etag: '"v1"' }, { 'last-modified': MODIFIED }],
    [{ etag: '"v1"' }, {}],
  ])('what is stored with %j, where it says %j', async (stored, said) => {
    const { fetch, runs } = await stale(stored, said)
    for (const _ of [1, 2]) expect((await fetch('/')).body).toBe('hello')
    expect(runs.count('run')).toBe(2)
  })

  it.each<[Headers, Headers]>([
    [{ etag: '"v1"' }, { etag: '"v2"' }],
    [{ etag: 'W/"v1"' }, { etag: 'W/"v2"' }],
    [{ 'last-modified': MODIFIED }, { 'last-modified': LATER }],
    [{ 'last-modified': MODIFIED }, { etag: '"v1"' }],
  ])('nothing of what is stored with %j, where it says %j (RFC 9111 s4.3.4)', async (stored, said) => {
    const { fetch, runs } = await stale(stored, { ...said, 'x-own': 'of another version' })
    const leader = await fetch('/')
    expect(leader).toMatchObject({ status: 200, body: 'hello', headers: { ...stored, 'x-run': '1' } })
    expect(leader.headers).not.toHaveProperty('x-own')
    expect((await fetch('/')).headers['x-run']).toBe('3')
    expect(runs.count('run')).toBe(3)
  })

  it('the date: what it says of Expires counts from the moment of its own receipt', async () => {
    const hour = 3_600_000
    const at = (ms: number): string => new Date(Date.now() + ms).toUTCString()
    const { fetch, clock, runs } = await stale(
      { etag: '"v1"', date: at(-hour), 'cache-control': 'max-age=7200' },
      { etag: '"v1"', 'cache-control': 'public', expires: at(60_000) },
    )
    clock.advance(2 * hour)
    const { headers } = await fetch('/')
    expect(Date.now() - Date.parse(String(headers.date))).toBeLessThan(hour / 2)
    clock.advance(61_000)
    await fetch('/')
    expect(runs.count('run')).toBe(3)
  })

  it('nothing of another variant, where each answer says no-cache (RFC 9111 s4.1)', async () => {
    const { fetch, gate, runs } = await setUp({
      answer: request => {
        const headers = { 'cache-control': 'no-cache', vary: 'Accept-Language', 'last-modified': MODIFIED }
        if (request.header('if-modified-since') === MODIFIED) return { status: 304, headers }
        return { headers, body: String(request.header('accept-language')) }
      },
    })
    gate.open()
    for (const language of ['en', 'de', 'en', 'de'])
      expect((await fetch('/', { headers: { 'accept-language': language } })).body).toBe(language)
    expect(runs.count('run')).toBe(4)
  })

  it('nothing of the duty to ask each time: what says no-cache is asked for again', async () => {
    const seen: (string | undefined)[] = []
    const { clock, fetch, gate } = await setUp({
      answer: request => {
        seen.push(request.header('if-none-match'))
        const headers = { 'cache-control': 'no-cache', etag: '"v1"' }
        return seen.at(-1) === undefined ? { headers, body: 'hello' } : { status: 304, headers }
      },
    })
    gate.open()
    for (const _ of [1, 2, 3, 4]) {
      expect((await fetch('/')).body).toBe('hello')
      // For longer than a key is remembered as not shareable.
      clock.advance(11_000)
    }
    expect(seen).toEqual([undefined, '"v1"', '"v1"', '"v1"'])
  })
}
