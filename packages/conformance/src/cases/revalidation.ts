import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { Scene } from '../stage.ts'

const MODIFIED = 'Mon, 01 Jan 2024 00:00:00 GMT'

/** A handler that knows its version, and says so. */
function versioned(seen: (string | undefined)[], version = (): string => '"v1"'): NonNullable<Scene['answer']> {
  return (request, run) => {
    seen.push(request.header('if-none-match'))
    const headers = { etag: version(), 'cache-control': 'max-age=1', 'x-run': String(run) }
    if (request.header('if-none-match') === version()) return { status: 304, headers }
    return { headers: { ...headers, 'x-first': String(run), 'content-type': 'text/plain' }, body: `run ${run}` }
  }
}

export function revalidationCases(setUp: SetUp): void {
  it('sends the stored validators, and a 304 freshens the stored response (RFC 9111 s4.3)', async () => {
    const seen: (string | undefined)[] = []
    const { fetch, gate, clock, runs } = await setUp({ answer: versioned(seen) })
    gate.open()
    await fetch('/')
    clock.advance(2_000)
    const revalidated = await fetch('/')
    expect(seen[1]).toBe('"v1"')
    expect(revalidated).toMatchObject({
      status: 200,
      body: 'run 1',
      headers: {
        'x-first': '1',
        'x-run': '2',
        age: '0',
        'content-type': 'text/plain',
        'content-length': '5',
        'cache-status': 'stampede; fwd=stale; fwd-status=304',
      },
    })
    clock.advance(999)
    expect(await fetch('/')).toMatchObject({ body: 'run 1', headers: { 'x-first': '1', 'x-run': '2' } })
    expect(runs.count('run')).toBe(2)
  })

  it('sends all followers the freshened answer, each by its own conditions', async () => {
    const seen: (string | undefined)[] = []
    let release: () => void = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    const answer = versioned(seen)
    const { fetch, events, gate, clock, runs } = await setUp({
      answer: async (request, run) => {
        if (run > 1) await held
        return answer(request, run)
      },
    })
    gate.open()
    await fetch('/')
    clock.advance(2_000)
    const leader = fetch('/', { headers: { 'if-none-match': '"v0"' } })
    await runs.until('run', 2)
    const others = [fetch('/'), fetch('/', { headers: { 'if-none-match': '"v1"' } })]
    await events.until('follow', 2)
    release()
    const replies = await Promise.all([leader, ...others])
    expect(replies.map(({ status, body }) => [status, body])).toEqual([
      [200, 'run 1'],
      [200, 'run 1'],
      [304, ''],
    ])
    expect(runs.count('run')).toBe(2)
  })

  it('gives a leader that has it already a 304 of its own', async () => {
    const { fetch, gate, clock } = await setUp({ answer: versioned([]) })
    gate.open()
    await fetch('/')
    clock.advance(2_000)
    const reply = await fetch('/', { headers: { 'if-none-match': '"v1"' } })
    expect(reply).toMatchObject({ status: 304, body: '', headers: { etag: '"v1"', 'x-run': '2' } })
    expect((await fetch('/')).body).toBe('run 1')
  })

  it('replaces the stored response if the version differs', async () => {
    let version = '"v1"'
    const { fetch, gate, clock } = await setUp({ answer: versioned([], () => version) })
    gate.open()
    await fetch('/')
    version = '"v2"'
    clock.advance(2_000)
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'run 2', headers: { etag: '"v2"' } })
    expect((await fetch('/')).headers).toMatchObject({ etag: '"v2"', 'x-first': '2' })
  })

  it('asks by the date where there is no tag', async () => {
    const seen: (string | undefined)[] = []
    const { fetch, gate, clock } = await setUp({
      options: { ttl: 1_000 },
      answer: (request, run) => {
        seen.push(request.header('if-modified-since'))
        if (run === 2) return { status: 304 }
        return { headers: { 'last-modified': MODIFIED }, body: `run ${run}` }
      },
    })
    gate.open()
    await fetch('/')
    clock.advance(2_000)
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'run 1' })
    expect(seen).toEqual([undefined, MODIFIED])
  })

  it('is how a refresh in the background asks, too', async () => {
    const seen: (string | undefined)[] = []
    const { fetch, events, gate, clock } = await setUp({
      options: { staleWhileRevalidate: 10_000 },
      answer: versioned(seen),
    })
    gate.open()
    await fetch('/')
    await events.until('store', 1)
    clock.advance(2_000)
    expect((await fetch('/')).body).toBe('run 1')
    await events.until('store', 2)
    expect(seen[1]).toBe('"v1"')
    expect(await fetch('/')).toMatchObject({ body: 'run 1', headers: { 'x-run': '2' } })
  })

  it('shares nothing of a 304 that says it is private now', async () => {
    const { fetch, gate, clock, runs } = await setUp({
      answer: (request, run) =>
        request.header('if-none-match') === undefined
          ? { headers: { etag: '"v1"', 'cache-control': 'max-age=1' }, body: `run ${run}` }
          : { status: 304, headers: { etag: '"v1"', 'cache-control': 'private, max-age=1' } },
    })
    gate.open()
    await fetch('/')
    clock.advance(2_000)
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'run 1' })
    expect((await fetch('/')).body).toBe('run 3')
    expect(runs.count('run')).toBe(3)
  })

  it('validates a no-cache response each time, and shares it with no other request (RFC 9111 s5.2.2.4)', async () => {
    const seen: (string | undefined)[] = []
    const { burst, fetch, events, gate, runs } = await setUp({
      options: { ttl: 5_000 },
      answer: (request, run) => {
        seen.push(request.header('if-none-match'))
        const headers = { etag: '"v1"', 'cache-control': 'no-cache' }
        return seen.at(-1) === '"v1"' ? { status: 304, headers } : { headers, body: `run ${run}` }
      },
    })
    const first = await burst(3, '/')
    gate.open()
    const bodies = (await Promise.all(first)).map(({ body }) => body)
    expect(new Set(bodies).size).toBe(3)
    for (const { body } of await Promise.all([fetch('/'), fetch('/')])) expect(bodies).toContain(body)
    expect(await fetch('/', { headers: { 'if-none-match': '"v1"' } })).toMatchObject({ status: 304, body: '' })
    expect(runs.count('run')).toBe(6)
    expect(seen).toEqual([undefined, undefined, undefined, '"v1"', '"v1"', '"v1"'])
    expect(events.count('hit')).toBe(0)
  })

  it('keeps nothing to ask for of what middleware in front makes private', async () => {
    const seen: (string | undefined)[] = []
    const { fetch, gate } = await setUp({
      inFront: { after: () => ({ 'set-cookie': 'a=b' }) },
      answer: (request, run) => {
        seen.push(request.header('if-none-match'))
        return { headers: { etag: '"v1"', 'cache-control': 'no-cache' }, body: `run ${run}` }
      },
    })
    gate.open()
    await fetch('/')
    await fetch('/')
    expect(seen).toEqual([undefined, undefined])
  })

  it('keeps the Vary of the response, if a 304 that middleware ignored states less', async () => {
    const { fetch, gate, clock } = await setUp({
      answer: request =>
        request.header('if-none-match') === undefined
          ? { headers: { etag: 'W/"v1"', vary: 'Accept-Encoding', 'cache-control': 'max-age=1' }, body: 'encoded' }
          : { status: 304, headers: { etag: '"v1"', vary: 'Origin', 'cache-control': 'max-age=1' } },
    })
    gate.open()
    await fetch('/')
    clock.advance(2_000)
    for (let request = 0; request < 2; request += 1) {
      expect(await fetch('/')).toMatchObject({
        status: 200,
        body: 'encoded',
        headers: { etag: 'W/"v1"', vary: 'Accept-Encoding, Origin' },
      })
    }
  })
}
