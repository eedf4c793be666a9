import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OpenReply } from '../client.ts'
import type { OriginAnswer } from '../mount.ts'
import { Source } from '../source.ts'
import type { Scene, Stage } from '../stage.ts'

const TTL = 5_000
const DEADLINE = 1_000

/** A stage whose first run answers with a body that the case lets out, and later ones with a text. */
export interface Streaming extends Stage {
  readonly source: Source
  /** The leader, with its head, and so many that followed it. */
  readonly opened: (followers?: number) => Promise<readonly [OpenReply, ...OpenReply[]]>
}

/** Sets a stage whose first run gives the source the piece `first `. */
export async function streaming(
  setUp: SetUp,
  options: Scene['options'] = { ttl: TTL },
  head: OriginAnswer = {},
): Promise<Streaming> {
  const source = new Source()
  const set = await setUp({
    options,
    answer: (_request, run) => (run === 1 ? { ...head, body: source.body } : { body: `run ${run}` }),
  })
  const opened: Streaming['opened'] = async (followers = 0) => {
    const leader = set.open('/')
    await set.runs.until('run', 1)
    const others = Array.from({ length: followers }, () => set.open('/'))
    await set.events.until('follow', followers)
    source.give('first ')
    set.gate.open()
    return [await leader, ...(await Promise.all(others))]
  }
  return { ...set, source, opened }
}

const readAll = (replies: readonly OpenReply[], count: number): Promise<string[]> =>
  Promise.all(replies.map(reply => reply.read(count)))
const restOf = (replies: readonly OpenReply[]): Promise<string[]> => Promise.all(replies.map(reply => reply.rest()))
const outcomesOf = async (replies: readonly OpenReply[]): Promise<string[]> =>
  (await Promise.allSettled(replies.map(reply => reply.rest()))).map(({ status }) => status)

export function streamingCases(setUp: SetUp): void {
  it('reaches leader, early and late followers while it arrives, from the first byte on, and is stored when whole', async () => {
    const { clock, events, fetch, open, opened, runs, source, stats } = await streaming(setUp)
    const replies: OpenReply[] = [...(await opened(2))]
    expect(await readAll(replies, 6)).toEqual(Array(3).fill('first '))
    replies.push(await open('/'))
    source.give('second ')
    expect(await readAll(replies.slice(0, 3), 7)).toEqual(Array(3).fill('second '))
    replies.push(await open('/'))
    expect(stats()).toMatchObject({ entries: 0, flights: 1 })
    clock.advance(1_000)
    source.give('last')
    source.end()
    expect(await restOf(replies)).toEqual(['last', 'last', 'last', 'first second last', 'first second last'])
    await events.until('store', 1)
    // Age counts from the head.
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'first second last', headers: { age: '1' } })
    expect(stats()).toMatchObject({ hits: 1, collapsed: 4, entries: 1, flights: 0 })
    clock.advance(TTL - 1_000)
    expect((await fetch('/')).body).toBe('run 2')
    expect(runs.count('run')).toBe(2)
  })

  it('shows requests that join it that they do', async () => {
    const { open, opened, source } = await streaming(setUp, {}, { headers: { 'x-own': '1' } })
    await opened()
    const late = await open('/')
    expect(late.headers).toMatchObject({ 'cache-status': 'stampede; fwd=uri-miss; collapsed', 'x-own': '1', age: '0' })
    source.end()
    expect(await late.rest()).toBe('first ')
  })

  it('is joined with ttl 0 until it ends, and then not any more', async () => {
    const { fetch, open, opened, source, stats } = await streaming(setUp, {})
    const [leader] = await opened()
    const late = await open('/')
    source.end()
    expect(await restOf([leader, late])).toEqual(['first ', 'first '])
    expect((await fetch('/')).body).toBe('run 2')
    expect(stats()).toMatchObject({ entries: 0, bytes: 0, flights: 0 })
  })

  it('that breaks off does so for all, and is not stored', async () => {
    const { fetch, open, opened, source, stats } = await streaming(setUp)
    const replies = [...(await opened(2)), await open('/')]
    expect(await readAll(replies, 6)).toEqual(Array(4).fill('first '))
    source.breakOff()
    expect(await outcomesOf(replies)).toEqual(Array(4).fill('rejected'))
    expect(stats()).toMatchObject({ entries: 0, bytes: 0, flights: 0 })
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'run 2' })
  })

  it.each([
    ['shorter than its Content-Length says breaks off for followers', '100', 'rejected'],
    ['longer than its Content-Length says breaks off for followers', '8', 'rejected'],
    ['as long as its Content-Length says is whole for followers', '10', 'fulfilled'],
  ])('%s', async (_, length, expected) => {
    const { fetch, open, opened, source, stats } = await streaming(setUp, undefined, {
      headers: { 'content-length': length },
    })
    const [leader, ...followers] = await opened(1)
    followers.push(await open('/'))
    expect(followers.map(({ headers }) => headers['content-length'])).toEqual([length, length])
    expect(await readAll(followers, 6)).toEqual(['first ', 'first '])
    source.give('last')
    source.end()
    expect(await outcomesOf(followers)).toEqual([expected, expected])
    await Promise.allSettled([leader.rest()])
    expect(stats().entries).toBe(expected === 'fulfilled' ? 1 : 0)
    expect((await fetch('/')).body).toBe(expected === 'fulfilled' ? 'first last' : 'run 2')
  })

  it('over maxBodyBytes continues for its readers; no more requests join it and nothing is stored', async () => {
    const { fetch, open, opened, source, stats } = await streaming(setUp, { ttl: TTL, maxBodyBytes: 10 })
    const replies = [...(await opened(1)), await open('/')]
    expect(await readAll(replies, 6)).toEqual(Array(3).fill('first '))
    source.give('second ')
    expect(await readAll(replies, 7)).toEqual(Array(3).fill('second '))
    expect((await fetch('/')).body).toBe('run 2')
    source.give('last')
    source.end()
    expect(await restOf(replies)).toEqual(Array(3).fill('last'))
    // The second run's.
    expect((await fetch('/')).body).toBe('run 2')
    expect(stats()).toMatchObject({ entries: 1, flights: 0 })
  })

  it('keeps its followers past their time limit, and is joined for as long as it moves', async () => {
    const { clock, events, open, opened, runs, source } = await streaming(setUp, { ttl: TTL, waitTimeout: DEADLINE })
    const replies = [...(await opened(1))]
    for (let piece = 0; piece < 3; piece += 1) {
      clock.advance(DEADLINE - 1)
      source.give('more ')
      expect(await (replies.at(-1) as OpenReply).read(piece === 0 ? 11 : 11 + 5 * piece)).toContain('more ')
      replies.push(await open('/'))
    }
    source.end()
    await restOf(replies)
    expect([runs.count('run'), events.count('deadline'), events.count('timeout')]).toEqual([1, 0, 0])
    await events.until('store', 1)
  })

  it('that pauses for the whole time limit is not joined any more, and continues for its readers', async () => {
    const { clock, fetch, opened, source, stats } = await streaming(setUp, { waitTimeout: DEADLINE })
    const replies = await opened(1)
    clock.advance(DEADLINE)
    expect((await fetch('/')).body).toBe('run 2')
    source.give('last')
    source.end()
    expect(await restOf(replies)).toEqual(['first last', 'first last'])
    expect(stats()).toMatchObject({ entries: 0, bytes: 0, flights: 0 })
  })

  it('is fenced by clear(): its readers get all of it, no more requests join it, and it is not stored', async () => {
    const { clear, fetch, opened, source, stats } = await streaming(setUp)
    const replies = await opened(1)
    void clear()
    expect((await fetch('/')).body).toBe('run 2')
    source.give('last')
    source.end()
    expect(await restOf(replies)).toEqual(['first last', 'first last'])
    expect((await fetch('/')).body).toBe('run 2')
    expect(stats()).toMatchObject({ entries: 1, flights: 0 })
  })

  it('is joined by its own variant alone', async () => {
    const { fetch, open, opened, source } = await streaming(setUp, undefined, { headers: { vary: 'x-kind' } })
    const [leader] = await opened()
    expect((await fetch('/', { headers: { 'x-kind': 'other' } })).body).toBe('run 2')
    const late = await open('/')
    source.end()
    expect(await restOf([leader, late])).toEqual(['first ', 'first '])
  })

  it.each([undefined, '10'])('gives a HEAD its head at once, of length %s', async length => {
    const { events, fetch, gate, open, runs, source } = await streaming(setUp, undefined, {
      headers: length === undefined ? {} : { 'content-length': length },
    })
    const leading = open('/')
    await runs.until('run', 1)
    const early = fetch('/', { method: 'HEAD' })
    await events.until('follow', 1)
    source.give('first ')
    gate.open()
    for (const head of [await early, await fetch('/', { method: 'HEAD' })]) {
      expect(head).toMatchObject({ status: 200, body: '' })
      expect(head.headers['content-length']).toBe(length)
    }
    source.give('last')
    source.end()
    expect(await (await leading).rest()).toBe('first last')
    expect(runs.count('run')).toBe(1)
  })

  it('sends a 304 to a client that has it, without reading it', async () => {
    const { events, fetch, gate, open, runs, source } = await streaming(setUp, undefined, { headers: { etag: '"a"' } })
    const headers = { 'if-none-match': '"a"' }
    const leading = open('/', { headers })
    await runs.until('run', 1)
    const early = fetch('/', { headers })
    await events.until('follow', 1)
    source.give('first ')
    gate.open()
    expect(await early).toMatchObject({ status: 304, body: '' })
    expect(await fetch('/', { headers })).toMatchObject({ status: 304, body: '' })
    source.end()
    expect(await (await leading).rest()).toBe('first ')
  })

  it('sends a 304 also to a conditional request that joins unconditional ones', async () => {
    const { fetch, opened, runs, source } = await streaming(setUp, undefined, { headers: { etag: '"a"' } })
    const [leader] = await opened()
    expect(await fetch('/', { headers: { 'if-none-match': '"a"' } })).toMatchObject({ status: 304 })
    source.end()
    expect(await leader.rest()).toBe('first ')
    expect(runs.count('run')).toBe(1)
  })
}
