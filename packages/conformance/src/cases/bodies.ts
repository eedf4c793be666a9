import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import { Gate } from '../gate.ts'
import { type OriginAnswer, StreamedBody } from '../mount.ts'

const TTL = 5_000

async function* pieces(): AsyncGenerator<string> {
  yield 'one '
  yield 'two '
  yield 'three'
}

/** A kind of body, and what is on the wire of it. */
const BODIES: Readonly<Record<string, { readonly answer: () => OriginAnswer; readonly wire: string }>> = {
  'a string': { answer: () => ({ body: 'text' }), wire: 'text' },
  'a string beyond ASCII': { answer: () => ({ body: 'жук ☃' }), wire: 'жук ☃' },
  'an empty string': { answer: () => ({ body: '' }), wire: '' },
  'a buffer': { answer: () => ({ body: Buffer.from('bytes') }), wire: 'bytes' },
  'an object': { answer: () => ({ body: { id: 1, tags: ['a'] } }), wire: '{"id":1,"tags":["a"]}' },
  'a stream': { answer: () => ({ body: new StreamedBody(pieces()) }), wire: 'one two three' },
  'none, with 204': { answer: () => ({ status: 204 }), wire: '' },
}

export function bodyCases(setUp: SetUp): void {
  for (const [name, { answer, wire }] of Object.entries(BODIES)) {
    it(`gives leader, follower and hit the same: ${name}`, async () => {
      const { burst, fetch, gate, runs } = await setUp({ options: { ttl: TTL }, answer })
      const replies = await burst(3, '/')
      gate.open()
      const all = await Promise.all([...replies, ...replies.map(() => fetch('/'))])
      all.push(await fetch('/'))
      const status = answer().status ?? 200
      for (const reply of all) {
        expect(reply).toMatchObject({ status, body: wire })
        expect(reply.headers['content-type']).toBe(all[0]?.headers['content-type'])
      }
      expect(runs.count('run')).toBe(1)
    })
  }

  it('passes a body over maxBodyBytes through completely and stores nothing; one of known length is not shared', async () => {
    const answer = (kind: string): OriginAnswer => ({
      body: kind === '/stream' ? new StreamedBody(pieces()) : 'one two three',
    })
    const { burst, gate, runs, stats } = await setUp({
      options: { ttl: TTL, maxBodyBytes: 8 },
      answer: ({ target }) => answer(target),
    })
    const replies = [...(await burst(3, '/stream')), ...(await burst(3, '/text'))]
    gate.open()
    expect((await Promise.all(replies)).map(reply => reply.body)).toEqual(Array(6).fill('one two three'))
    expect([runs.count('/stream'), runs.count('/text')]).toEqual([1, 3])
    expect(stats()).toMatchObject({ entries: 0, bytes: 0, flights: 0 })
  })

  it('does not hold back the first bytes of a stream', async () => {
    const rest = new Gate()
    const head = new Gate()
    async function* slow(): AsyncGenerator<string> {
      yield 'first '
      await rest.passed()
      yield 'last'
    }
    const { fetch, gate } = await setUp({ answer: () => ({ body: new StreamedBody(slow()) }) })
    gate.open()
    const reply = fetch('/', { onHead: () => head.open() })
    await head.passed()
    rest.open()
    expect((await reply).body).toBe('first last')
  })

  it('does not hold back an event stream', async () => {
    const rest = new Gate()
    const head = new Gate()
    async function* events(): AsyncGenerator<string> {
      yield 'data: 1\n\n'
      await rest.passed()
    }
    const { fetch, gate, stats } = await setUp({
      options: { ttl: TTL },
      answer: () => ({ headers: { 'content-type': 'text/event-stream' }, body: new StreamedBody(events()) }),
    })
    gate.open()
    const reply = fetch('/', { onHead: () => head.open() })
    await head.passed()
    rest.open()
    expect((await reply).body).toBe('data: 1\n\n')
    expect(stats().entries).toBe(0)
  })
}
