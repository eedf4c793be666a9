import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import { type OriginAnswer, StreamedBody } from '../mount.ts'
import { Source } from '../source.ts'
import { streaming } from './streaming.ts'

const TTL = 5_000
const MIB = 2 ** 20
/** More than the sockets of both ends hold between them. */
const LARGE = 24 * MIB
const PIECE = 'x'.repeat(2 ** 16)

async function* large(): AsyncGenerator<string> {
  for (let sent = 0; sent < LARGE; sent += PIECE.length) yield PIECE
}

export function arrivalCases(setUp: SetUp): void {
  const largeScene = (maxBodyBytes: number): Parameters<SetUp>[0] => ({
    options: { ttl: TTL, maxBodyBytes },
    answer: (_request, run): OriginAnswer => ({ body: run === 1 ? new StreamedBody(large()) : `run ${run}` }),
  })

  it.each(['leader', 'follower'])('a %s that stalls delays no other, and has all of it in the end', async stalled => {
    const { events, fetch, gate, open, runs } = await setUp(largeScene(LARGE))
    const leading = open('/')
    await runs.until('run', 1)
    const following = open('/')
    await events.until('follow', 1)
    gate.open()
    const [leader, follower] = await Promise.all([leading, following])
    const [slow, fast] = stalled === 'leader' ? [leader, follower] : [follower, leader]
    expect(await fast.drain()).toBe(LARGE)
    await events.until('store', 1)
    expect((await fetch('/')).headers['cache-status']).toMatch(/^stampede; hit/)
    expect(await slow.drain()).toBe(LARGE)
    expect(runs.count('run')).toBe(1)
  })

  it.each(['leader', 'follower'])('a %s that falls behind by more than maxBodyBytes is cut off', async stalled => {
    const { events, fetch, gate, open, runs, stats } = await setUp(largeScene(MIB))
    const leading = open('/')
    await runs.until('run', 1)
    const following = open('/')
    await events.until('follow', 1)
    gate.open()
    const [leader, follower] = await Promise.all([leading, following])
    const [slow, fast] = stalled === 'leader' ? [leader, follower] : [follower, leader]
    expect(await fast.drain()).toBe(LARGE)
    await expect(slow.drain()).rejects.toThrow(/aborted|ECONNRESET/)
    expect((await fetch('/')).body).toBe('run 2')
    expect(stats()).toMatchObject({ entries: 1, flights: 0 })
  })

  it('a leader that goes leaves it to early and late followers, and to the store', async () => {
    const { connections, events, open, opened, runs, source } = await streaming(setUp)
    const [leader, early] = await opened(1)
    leader.close()
    await connections.until('closed', 1)
    const late = await open('/')
    source.give('last')
    source.end()
    expect([await early?.rest(), await late.rest()]).toEqual(['first last', 'first last'])
    await events.until('store', 1)
    expect(runs.count('run')).toBe(1)
  })

  it('a leader that disconnects before its first byte delays no other', async () => {
    const { connections, events, fetch, gate, open, runs, source } = await streaming(setUp)
    const client = new AbortController()
    const leader = fetch('/', { signal: client.signal })
    await runs.until('run', 1)
    const early = open('/')
    await events.until('follow', 1)
    gate.open()
    await source.seen.until('read', 1)
    client.abort()
    await expect(leader).rejects.toThrow('abort')
    await connections.until('closed', 1)
    source.give('first ')
    const late = await early.then(() => open('/'))
    source.end()
    expect([await (await early).rest(), await late.rest()]).toEqual(['first ', 'first '])
    expect(runs.count('run')).toBe(1)
  })

  it.each([
    ['max-age=2', 2_000],
    ['max-age=60, s-maxage=2, must-revalidate', 2_000],
    ['max-age=1, stale-while-revalidate=1', 2_000],
    ['max-age=0', 0],
  ])('a body is joined while what its head says allows it, and then not any more: %s', async (says, until) => {
    const { clock, fetch, open, opened, runs, source } = await streaming(setUp, undefined, {
      headers: { 'cache-control': says },
    })
    const replies = [...(await opened(1))]
    if (until > 0) {
      clock.advance(until - 1)
      replies.push(await open('/'))
      clock.advance(1)
    }
    // RFC 9111 s4: not even while it streams. Requests that arrived in time keep it.
    expect((await fetch('/')).body).toBe('run 2')
    source.give('last')
    source.end()
    expect(await Promise.all(replies.map(reply => reply.rest()))).toEqual(replies.map(() => 'first last'))
    expect((await fetch('/')).body).toBe('run 2')
    expect(runs.count('run')).toBe(2)
  })

  it('when the last of them has disconnected, the source is closed if it will not be stored', async () => {
    const { connections, fetch, opened, source, stats } = await streaming(setUp, {})
    const replies = await opened(2)
    for (const [gone, reply] of replies.entries()) {
      expect(source.seen.count('closed')).toBe(0)
      reply.close()
      await connections.until('closed', gone + 1)
    }
    await source.seen.until('closed', 1)
    expect(stats()).toMatchObject({ flights: 0, bytes: 0 })
    expect((await fetch('/')).body).toBe('run 2')
  })

  it('when the last of them has gone, it is read on for the store', async () => {
    const { connections, events, fetch, opened, source } = await streaming(setUp)
    const [leader] = await opened()
    leader.close()
    await connections.until('closed', 1)
    source.give('last')
    source.end()
    await events.until('store', 1)
    expect(await fetch('/')).toMatchObject({ body: 'first last' })
  })

  it('streaming bodies count towards maxBytes; over it only their current readers read on', async () => {
    const sources = new Map(['/a', '/b', '/c'].map(target => [target, new Source()]))
    const { gate, open, stats } = await setUp({
      options: { ttl: TTL, maxBytes: 2_500 },
      answer: ({ target }) => ({ body: sources.get(target)?.body ?? '' }),
    })
    gate.open()
    const bytes: number[] = []
    const replies = []
    for (const [target, source] of sources) {
      source.give('x'.repeat(1_000))
      const reply = await open(target)
      await reply.read(1_000)
      replies.push(reply)
      bytes.push(stats().bytes)
    }
    expect(bytes.slice(0, 2)).toEqual([1_000, 2_000])
    expect(Math.max(...bytes)).toBeLessThanOrEqual(2_500)
    for (const source of sources.values()) {
      source.give('end')
      source.end()
    }
    expect(await Promise.all(replies.map(reply => reply.rest()))).toEqual(Array(3).fill('end'))
    expect(stats()).toMatchObject({ entries: 1, flights: 0 })
    expect(stats().bytes).toBeLessThanOrEqual(2_500)
  })

  it.each([undefined, 'no-store'])(
    'an event stream is held back from nobody and shared with nobody: %s',
    async says => {
      const sources = [new Source(), new Source()]
      const { gate, open, runs, stats } = await setUp({
        options: { ttl: TTL },
        answer: (_request, run) => ({
          headers: { 'content-type': 'text/event-stream; charset=utf-8', ...(says && { 'cache-control': says }) },
          body: sources[run - 1]?.body ?? '',
        }),
      })
      gate.open()
      for (const [index, source] of sources.entries()) {
        source.give(`data: ${index}\n\n`)
        const reply = await open('/')
        expect(await reply.read(9)).toBe(`data: ${index}\n\n`)
        source.give('data: more\n\n')
        expect(await reply.read(12)).toBe('data: more\n\n')
        expect(runs.count('run')).toBe(index + 1)
        expect(stats()).toMatchObject({ entries: 0, collapsed: 0, bytes: 0 })
        if (index === 0) continue
        reply.close()
        await source.seen.until('closed', 1)
      }
    },
  )
}
