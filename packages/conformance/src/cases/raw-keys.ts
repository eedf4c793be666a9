import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginAnswer, OriginRequest } from '../mount.ts'
import { rawFetch, withoutPort } from '../raw-client.ts'

const SELECTING = ['x-a', 'x-b']
const SHOWN = ['host', 'content-type', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', ...SELECTING]
const options = { ttl: 60_000, methods: ['GET', 'HEAD', 'POST'], vary: SELECTING, maxEntries: 100_000 }

/** Answers with all that it sees of a request. */
async function echo(request: OriginRequest): Promise<OriginAnswer> {
  // Trimmed: the Request of the web platform does so, and Hono’s on Node only once it is asked for its body.
  const headers = SHOWN.map(name => request.header(name)?.trim() ?? null)
  const body = (await request.body()).toString('hex')
  return { body: JSON.stringify([request.method, request.target, request.url, headers, body]) }
}

interface Sent {
  readonly method: string
  readonly target: string
  readonly lines: readonly string[]
  readonly body: string
}

function written({ method, target, lines, body }: Sent, version = 'HTTP/1.1'): string {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`]
  return `${[`${method} ${target} ${version}`, ...lines, ...length, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`
}

// Few parts, and those that a careless key would mix up: what can be mistaken is found soon.
const piece = fc.constantFrom(
  '/',
  'a',
  'A',
  '%2F',
  '%2f',
  '%61',
  '?',
  '&',
  '=',
  ';',
  '+',
  '%20',
  '.',
  '..',
  '\xe9',
  '%C3%A9',
  '|',
)
const rest = fc.array(piece, { maxLength: 5 }).map(pieces => pieces.join(''))
const start = fc.constantFrom('/', '/', '/', 'http://a/', 'http://b/', 'http://a:80/', 'https://a/')
const host = fc.constantFrom('a', 'a', 'b', 'A', 'a:80', 'a:81', '', '[::1]')
const value = fc
  .array(fc.constantFrom('1', '2', ',', ', ', ':', '-', ' ', '\t', '"', '\xe9', 'x-a:', '=', ';'), { maxLength: 3 })
  .map(pieces => pieces.join(''))
const name = fc.constantFrom('X-A', 'x-b', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'Forwarded')
const line = fc.tuple(name, value).map(([key, text]) => `${key}: ${text}`)
const sent: fc.Arbitrary<Sent> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'POST'),
    target: fc.tuple(start, rest).map(parts => parts.join('')),
    lines: fc.tuple(host, fc.array(line, { maxLength: 3 })).map(([asked, lines]) => [`Host: ${asked}`, ...lines]),
    body: fc.constantFrom('', '', 'a', 'b', '{}', '\xe9'),
  })
  .map(({ method, lines, body, target }) =>
    method === 'GET'
      ? { method, target, lines, body: '' }
      : { method, target, lines: [...lines, 'Content-Type: text/plain'], body },
  )

/** Requests that some server, proxy or parser takes for one another. */
const PECULIAR: Readonly<Record<string, readonly string[]>> = {
  'absolute forms': ['http://a/x', '/x', 'http://b/x', 'https://a/x', 'http://a:80/x', '//a/x', 'http://u@a/x'].map(
    target => written({ method: 'GET', target, lines: ['Host: a'], body: '' }),
  ),
  'two hosts, one, none, and an empty one': [['Host: a', 'Host: b'], ['Host: a'], ['Host: b', 'Host: a'], ['Host:']]
    .map(lines => written({ method: 'GET', target: '/h', lines, body: '' }))
    .concat(written({ method: 'GET', target: '/h', lines: [], body: '' }, 'HTTP/1.0')),
  'folded and repeated lines': [['X-A: 1', ' 2'], ['X-A: 1 2'], ['X-A: 1', 'X-A: 2'], ['X-A: 1, 2'], ['X-A: 1,2']].map(
    lines => written({ method: 'GET', target: '/l', lines: ['Host: a', ...lines], body: '' }),
  ),
  'bytes beyond ASCII': ['/\xe9', '/\xc3\xa9', '/%E9', '/%C3%A9', '/?\xe9', '/?%E9'].map(target =>
    written({ method: 'GET', target, lines: ['Host: a', 'X-A: \xe9'], body: '' }),
  ),
  'long targets': ['a', 'b'].map(end =>
    written({ method: 'GET', target: `/${'x'.repeat(14_000)}${end}`, lines: ['Host: a'], body: '' }),
  ),
  'the asterisk': ['*', '/*', '/'].map(target => written({ method: 'OPTIONS', target, lines: ['Host: a'], body: '' })),
}

export function rawKeyCases(setUp: SetUp): void {
  /** The same app, with answers that are shared and without: a request's answers from both. */
  const pair = async (): Promise<(request: string) => Promise<readonly string[]>> => {
    const sharing = await setUp({ options, answer: echo })
    const bare = await setUp({ options: { match: () => false }, answer: echo })
    sharing.gate.open()
    bare.gate.open()
    const answers = async (port: number, request: string): Promise<readonly string[]> =>
      (await rawFetch(port, request)).map(({ status, body }) => withoutPort(`${status} ${body.toString()}`, port))
    return async request => [...(await answers(sharing.port, request)), ...(await answers(bare.port, request))]
  }

  for (const [kind, requests] of Object.entries(PECULIAR)) {
    it(`gives each its own answer: ${kind}`, async () => {
      const answersTo = await pair()
      for (const request of [...requests, ...requests]) {
        const [shared, own] = await answersTo(request)
        expect(shared).toBe(own)
      }
    })
  }

  it('gives each its own answer, whatever is sent', async () => {
    const answersTo = await pair()
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 5 }), async requests => {
        for (const request of requests) {
          const [shared, own] = await answersTo(written(request))
          expect(shared).toBe(own)
        }
      }),
      { numRuns: 100 },
    )
  })
}
