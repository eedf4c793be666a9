import { constants, type OutgoingHttpHeaders } from 'node:http2'
import { expect, it } from 'vitest'
import type { Http2Answer, Http2Reply } from '../http2-client.ts'
import type { Http2Stage, SetUpHttp2 } from '../http2-stage.ts'
import { type OriginAnswer, type OriginRequest, StreamedBody } from '../mount.ts'
import { Source } from '../source.ts'

const options = { ttl: 60_000 }
const MANY = 500
const MIB = 2 ** 20
const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants

/**
 * Answers with all that it sees of where it was asked, and of what a Vary names. A Host that says what the authority says
 * is the same as none.
 */
const where = (request: OriginRequest): OriginAnswer => {
  const { method, target, url } = request
  const { host } = new URL(url.replace(/^[^:]*/, 'http'))
  const said = request.header('host')
  return {
    headers: { vary: 'x-a' },
    body: JSON.stringify([method, target, url, said === host ? null : (said ?? null), request.header('x-a') ?? null]),
  }
}

/** Requests that some server or framework takes for one another. */
const CONFUSED: Readonly<Record<string, readonly OutgoingHttpHeaders[]>> = {
  'a Host beside the authority': [
    { ':authority': 'a' },
    { ':authority': 'a', host: 'b' },
    { ':authority': 'b', host: 'a' },
    { ':authority': 'b' },
    { ':authority': 'a', host: 'a' },
    { ':authority': 'a b' },
    { ':authority': 'a', host: 'a b' },
    { ':authority': '', host: 'a' },
  ],
  'a forged scheme': ['http', 'https', 'HTTPS', 'x'].map(scheme => ({ ':scheme': scheme })),
  'a peculiar path': ['/', '//', '//a.example/', 'http://evil.example/', '/?', '/#', '/..', 'x', '/%2e', '/%2E'].map(
    path => ({ ':path': path }),
  ),
  'a peculiar authority': ['a:80', 'A', 'a.', 'u@a', 'a,b', '[::1]', 'a/b', 'a?b', 'a#b'].map(authority => ({
    ':authority': authority,
  })),
  'a peculiar method': ['GET', 'get', 'OPTIONS', 'HEAD', 'TRACE', 'PRI', 'QUERY'].map(method => ({
    ':method': method,
  })),
  'repeated fields': [['1', '2'], ['1, 2'], ['1,2'], ['2', '1'], ['1']].map(values => ({ 'x-a': values })),
}

const outcomeOf = ({ status, body, code }: Http2Answer): readonly unknown[] => [status, body, code]
const wholes = (replies: readonly Http2Reply[]): Promise<Http2Answer[]> =>
  Promise.all(replies.map(reply => reply.whole()))
const texts = (answers: readonly Http2Answer[]): readonly string[] => answers.map(({ body }) => body)

/** A stage whose first run answers with a body that the case lets out. */
async function streaming(setUp: SetUpHttp2): Promise<Http2Stage & { readonly source: Source }> {
  const source = new Source()
  const answer = (_request: OriginRequest, run: number): OriginAnswer => ({
    body: run === 1 ? source.body : `run ${run}`,
  })
  return { ...(await setUp({ options, answer })), source }
}

export function http2Cases(setUp: SetUpHttp2): void {
  for (const [kind, requests] of Object.entries(CONFUSED)) {
    it(`gives each its own answer: ${kind}`, async () => {
      const sharing = await setUp({ options, answer: where })
      const bare = await setUp({ options: { match: () => false }, answer: where })
      for (const { gate } of [sharing, bare]) gate.open()
      for (const headers of [...requests, ...requests.toReversed()]) {
        // What is malformed may end the connection.
        const [shared, own] = [await sharing.connect().ask(headers), await bare.connect().ask(headers)]
        expect([headers, ...outcomeOf(shared)]).toEqual([headers, ...outcomeOf(own)])
      }
      expect((await sharing.connect().ask({ ':path': '/plain' })).status).toBe(200)
    })
  }

  it('CONNECT gets no other’s answer, and its own is not shared', async () => {
    const { connect, gate } = await setUp({ options, answer: where })
    gate.open()
    const plain = await connect().ask()
    const tunnel = connect().session.request({ ':method': 'CONNECT', ':authority': 'a.example' })
    const ended = new Promise(resolve => tunnel.once('close', resolve))
    let body = ''
    tunnel.on('error', () => {}).on('data', chunk => (body += String(chunk)))
    tunnel.end()
    await ended
    expect(body).not.toContain('GET')
    expect(outcomeOf(await connect().ask())).toEqual(outcomeOf(plain))
  })

  it(`answers ${MANY} streams of one connection with one run`, async () => {
    const { connect, events, gate, runs, stats } = await setUp({ options })
    const client = connect()
    const replies = Array.from({ length: MANY }, () => client.open())
    const answers = wholes(replies)
    await events.until('follow', MANY - 1)
    gate.open()
    expect(new Set(texts(await answers))).toEqual(new Set(['run 1']))
    expect([runs.count('run'), stats().flights]).toEqual([1, 0])
  })

  it('cookies in several fields are those of one client', async () => {
    const answer = (request: OriginRequest): OriginAnswer => ({ body: `for ${request.header('cookie') ?? 'nobody'}` })
    const { connect, gate, stats } = await setUp({ options, answer })
    gate.open()
    const client = connect()
    const bodies: string[] = []
    for (const cookie of [undefined, ['theme=dark', 'session=alice'], ['session=bob'], undefined])
      bodies.push((await client.ask(cookie && { cookie })).body)
    expect(bodies).toEqual(['for nobody', 'for theme=dark; session=alice', 'for session=bob', 'for nobody'])
    expect(stats()).toMatchObject({ bypasses: 2, misses: 1, hits: 1 })
  })

  it('a leader that resets its stream before the head leaves the followers the whole answer', async () => {
    const { connect, events, gate, runs, streams } = await setUp({ options })
    const client = connect()
    const leader = client.open()
    await runs.until('run', 1)
    const followers = [client.open(), connect().open()]
    await events.until('follow', 2)
    leader.stream.close(NGHTTP2_CANCEL)
    await streams.until('closed', 1)
    gate.open()
    expect(texts(await wholes(followers))).toEqual(['run 1', 'run 1'])
    expect(runs.count('run')).toBe(1)
  })

  it('a leader that resets its stream in mid-body leaves it to early and late followers, and to the store', async () => {
    const { connect, events, gate, runs, source, streams } = await streaming(setUp)
    const client = connect()
    const leader = client.open()
    await runs.until('run', 1)
    const followers = [client.open(), connect().open()]
    await events.until('follow', 2)
    source.give('first ')
    gate.open()
    await Promise.all([leader, ...followers].map(reply => reply.begun()))
    leader.stream.close(NGHTTP2_CANCEL)
    await streams.until('closed', 1)
    followers.push(client.open())
    await events.until('follow', 3)
    source.give('last')
    source.end()
    expect(texts(await wholes(followers))).toEqual(Array(3).fill('first last'))
    await events.until('store', 1)
    expect(runs.count('run')).toBe(1)
  })

  it('followers that reset their streams take nothing along', async () => {
    const { connect, events, gate, runs, source, streams } = await streaming(setUp)
    const client = connect()
    const leader = client.open()
    await runs.until('run', 1)
    const followers = Array.from({ length: 3 }, () => client.open())
    await events.until('follow', 3)
    followers[0]?.stream.close(NGHTTP2_CANCEL)
    await streams.until('closed', 1)
    source.give('first ')
    gate.open()
    await followers[1]?.begun()
    followers[1]?.stream.close(NGHTTP2_CANCEL)
    await streams.until('closed', 2)
    source.give('last')
    source.end()
    expect(texts(await wholes([leader, ...followers.slice(2)]))).toEqual(['first last', 'first last'])
    expect(runs.count('run')).toBe(1)
  })

  it('a body that breaks off ends with a reset for all, and is not stored', async () => {
    const { connect, events, gate, runs, source, stats } = await streaming(setUp)
    const client = connect()
    const replies = [client.open()]
    await runs.until('run', 1)
    replies.push(client.open(), connect().open())
    await events.until('follow', 2)
    source.give('first ')
    gate.open()
    await Promise.all(replies.map(reply => reply.begun()))
    source.breakOff()
    for (const { code } of await wholes(replies)) expect(code).not.toBe(NGHTTP2_NO_ERROR)
    expect(stats()).toMatchObject({ entries: 0, flights: 0 })
    expect((await client.ask()).body).toBe('run 2')
  })

  it('readers with a tiny window delay no other', async () => {
    async function* large(): AsyncGenerator<string> {
      for (let piece = 0; piece < 64; piece += 1) yield 'x'.repeat(2 ** 16)
    }
    const { connect, events, gate, runs } = await setUp({
      options: { ...options, maxBodyBytes: 8 * MIB },
      answer: () => ({ body: new StreamedBody(large()) }),
    })
    const slow = [connect({ settings: { initialWindowSize: 16 } }), connect({ settings: { initialWindowSize: 0 } })]
    const stalled = slow.map(client => client.open())
    await runs.until('run', 1)
    await events.until('follow', 1)
    const fast = connect().open()
    await events.until('follow', 2)
    gate.open()
    expect((await fast.whole()).body).toHaveLength(4 * MIB)
    expect((await connect().ask()).body).toHaveLength(4 * MIB)
    expect(runs.count('run')).toBe(1)
    for (const { stream } of stalled) stream.close(NGHTTP2_CANCEL)
  })

  it('a connection with GOAWAY during requests gets its answers, and affects no others', async () => {
    const { connect, events, gate, runs } = await setUp({ options })
    const client = connect()
    const leader = client.open()
    await runs.until('run', 1)
    const replies = [leader, client.open(), connect().open()]
    await events.until('follow', 2)
    client.session.goaway(NGHTTP2_NO_ERROR)
    gate.open()
    expect(texts(await wholes(replies))).toEqual(['run 1', 'run 1', 'run 1'])
    expect(runs.count('run')).toBe(1)
  })

  it('a connection that is cut with all its streams leaves the others theirs', async () => {
    const { connect, events, gate, runs, streams } = await setUp({ options })
    const client = connect()
    const gone = Array.from({ length: 20 }, () => client.open())
    await runs.until('run', 1)
    const others = [connect().open(), connect().open()]
    await events.until('follow', gone.length + 1)
    client.close()
    await streams.until('closed', gone.length)
    gate.open()
    expect(texts(await wholes(others))).toEqual(['run 1', 'run 1'])
    expect(runs.count('run')).toBe(1)
  })
}
