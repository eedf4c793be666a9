import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { Scene } from '../stage.ts'

const MODIFIED = 'Mon, 01 Jan 2024 00:00:00 GMT'
const SCENE: Scene = {
  options: { ttl: 60_000 },
  answer: request =>
    request.header('range') === undefined
      ? { headers: { etag: '"v1"', 'last-modified': MODIFIED, 'content-type': 'text/plain' }, body: '0123456789' }
      : { status: 206, headers: { 'content-range': 'bytes 0-0/1' }, body: 'h' },
}

export function rangeCases(setUp: SetUp): void {
  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=4-', '456789', 'bytes 4-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
    ['bytes=-100', '0123456789', 'bytes 0-9/10'],
  ])('%s of what is stored is a 206 (RFC 9110 s15.3.7)', async (range, body, contentRange) => {
    const { fetch, gate, runs } = await setUp(SCENE)
    gate.open()
    await fetch('/')
    const reply = await fetch('/', { headers: { range } })
    expect(reply).toMatchObject({
      status: 206,
      body,
      headers: { 'content-range': contentRange, 'content-length': String(body.length), etag: '"v1"' },
    })
    expect(runs.count('run')).toBe(1)
  })

  it.each(['bytes=10-', 'bytes=-0', 'bytes=11-12'])('%s of a stored response is a 416', async range => {
    const { fetch, gate } = await setUp(SCENE)
    gate.open()
    await fetch('/')
    expect(await fetch('/', { headers: { range } })).toMatchObject({
      status: 416,
      body: '',
      headers: { 'content-range': 'bytes */10' },
    })
  })

  it.each(['bytes=3-1', 'bytes=a-b', 'items=0-1', 'bytes=0-1,3-4', 'bytes=', ''])(
    '%j is ignored: all of it is given (RFC 9110 s14.2)',
    async range => {
      const { fetch, gate } = await setUp(SCENE)
      gate.open()
      await fetch('/')
      expect(await fetch('/', { headers: { range } })).toMatchObject({ status: 200, body: '0123456789' })
    },
  )

  it.each([
    ['"v1"', 206],
    ['W/"v1"', 200],
    ['"v0"', 200],
    [MODIFIED, 206],
    ['Mon, 01 Jan 2024 00:00:01 GMT', 200],
    ['nonsense', 200],
  ])('is of the version that If-Range: %s names, or else ignored (%i)', async (version, status) => {
    const { fetch, gate } = await setUp(SCENE)
    gate.open()
    await fetch('/')
    expect((await fetch('/', { headers: { range: 'bytes=0-1', 'if-range': version } })).status).toBe(status)
  })

  it('has no digest of all of it (RFC 9530 s2)', async () => {
    const { fetch, gate } = await setUp({
      options: { ttl: 60_000 },
      answer: () => ({
        headers: { 'content-digest': 'sha-256=:AA==:', 'repr-digest': 'sha-256=:AA==:' },
        body: '0123',
      }),
    })
    gate.open()
    await fetch('/')
    expect((await fetch('/')).headers).toHaveProperty('content-digest')
    for (const range of ['bytes=0-1', 'bytes=9-']) {
      const { headers } = await fetch('/', { headers: { range } })
      expect(headers).not.toHaveProperty('content-digest')
      expect(headers).toHaveProperty('repr-digest')
    }
  })

  it('is never of a version that is only said to be alike, by a weak tag (RFC 9110 s13.1.5)', async () => {
    const { fetch, gate } = await setUp({
      options: { ttl: 60_000 },
      answer: () => ({ headers: { etag: 'W/"v1"' }, body: '0123456789' }),
    })
    gate.open()
    await fetch('/')
    const headers = { range: 'bytes=0-1', 'if-range': 'W/"v1"' }
    expect(await fetch('/', { headers })).toMatchObject({ status: 200, body: '0123456789' })
    expect((await fetch('/', { headers: { range: 'bytes=0-1' } })).status).toBe(206)
  })

  it('gives way to a condition that holds (RFC 9110 s13.2.2)', async () => {
    const { fetch, gate } = await setUp(SCENE)
    gate.open()
    await fetch('/')
    const headers = { range: 'bytes=0-1', 'if-none-match': '"v1"' }
    expect((await fetch('/', { headers })).status).toBe(304)
  })

  it('without a stored response goes to the handler, and neither its 206 nor its flight is shared', async () => {
    const { fetch, events, gate, runs } = await setUp(SCENE)
    const ranged = [1, 2].map(() => fetch('/', { headers: { range: 'bytes=0-0' } }))
    await events.until('bypass', 2)
    const whole = fetch('/')
    gate.open()
    expect((await Promise.all(ranged)).map(({ status }) => status)).toEqual([206, 206])
    expect((await whole).body).toBe('0123456789')
    expect(runs.count('run')).toBe(3)
  })

  it('means nothing to a HEAD (RFC 9110 s14.2)', async () => {
    const { fetch, gate } = await setUp(SCENE)
    gate.open()
    await fetch('/')
    const head = await fetch('/', { method: 'HEAD', headers: { range: 'bytes=0-1' } })
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '10' } })
  })
}
