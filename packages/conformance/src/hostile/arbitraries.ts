import * as fc from 'fast-check'

/** A request of the fuzzer: mostly nearly right, so that it gets as far as the key. */
export interface Fuzzed {
  readonly method: string
  readonly target: string
  readonly lines: readonly string[]
  readonly body: string
  readonly version: string
}

const pieces = (of: readonly string[], maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...of), { maxLength }).map(parts => parts.join(''))

/** Any byte that may stand in a text: Latin-1 is one byte a character. */
const bytes = (maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength }).map(all => Buffer.from(all).toString('latin1'))

const method = fc.oneof(
  { weight: 12, arbitrary: fc.constant('GET') },
  { weight: 3, arbitrary: fc.constantFrom('HEAD', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'PURGE', 'get', 'GET ') },
  { weight: 1, arbitrary: bytes(6) },
)

const PIECES = [
  '/',
  'a',
  'A',
  '.',
  '..',
  ';',
  '?',
  '&',
  '=',
  '#',
  '%',
  '%2f',
  '%2F',
  '%2e',
  '%00',
  '%23',
  '%3f',
  '+',
  '\\',
  '|',
  ':',
  '@',
  '*',
  '\xe9',
  '"',
  '~',
]
const target = fc.oneof(
  { weight: 8, arbitrary: pieces(PIECES, 6).map(rest => `/${rest}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('http://a', 'http://b', 'https://a', 'http://a:80', '//a'), pieces(PIECES, 3))
      .map(parts => parts.join('')),
  },
  { weight: 1, arbitrary: bytes(12) },
)

const value = fc.oneof(
  { weight: 6, arbitrary: pieces(['a', 'b', 'A', ',', ', ', ':', ' ', '\t', '"', '=', ';', '\xe9', '1', '-'], 3) },
  { weight: 1, arbitrary: bytes(8) },
)
const NAMES = ['X-A', 'x-b', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'Forwarded', 'forwarded']
/** They change which requests take part, and must not change the answers to others. */
const NOISE = [
  'Cookie: a=1',
  'Authorization: x',
  'X-HTTP-Method-Override: POST',
  'Cache-Control: no-store',
  'Connection: x-a, host',
  'Upgrade: x',
  'Content-Length: 0',
  'Content-Length: 1',
  'Transfer-Encoding: chunked',
  'Expect: 100-continue',
  'If-Match: *',
  'Accept-Encoding: gzip',
  'Stampede-Cache-Control: max-age=9',
  'TE: trailers',
  'X-Original-URL: /admin',
]
const host = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('a', 'b', 'A', 'a:80', 'a:81', 'a.', '', '[::1]', 'a, b', 'u@a', 'a/b', 'a?b', 'a#b'),
  },
  { weight: 1, arbitrary: bytes(4) },
)
const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...NAMES), fc.constantFrom(': ', ':', ' : '), value)
      .map(parts => parts.join('')),
  },
  { weight: 2, arbitrary: fc.constantFrom(...NOISE) },
  { weight: 1, arbitrary: host.map(name => `Host: ${name}`) },
  { weight: 1, arbitrary: bytes(10) },
)

/** Any request. */
export const fuzzed: fc.Arbitrary<Fuzzed> = fc.record({
  method,
  target,
  lines: fc.tuple(host, fc.array(line, { maxLength: 3 })).map(([name, lines]) => [`Host: ${name}`, ...lines]),
  body: fc.oneof({ weight: 9, arbitrary: fc.constant('') }, { weight: 1, arbitrary: bytes(5) }),
  version: fc.oneof(
    { weight: 9, arbitrary: fc.constant('1.1') },
    { weight: 1, arbitrary: fc.constantFrom('1.0', '0.9', '2.0') },
  ),
})

/** Makes of a request another that a careless key would take for it. */
type Twin = (one: Fuzzed) => Fuzzed
const CAREFUL: readonly Twin[] = [
  one => ({ ...one, target: one.target.slice(0, -1) || '/' }),
  one => ({ ...one, target: one.target.toUpperCase() }),
  one => ({ ...one, target: decoded(one.target) }),
  one => ({ ...one, lines: one.lines.toReversed() }),
  one => ({ ...one, lines: one.lines.slice(0, -1) }),
  one => ({ ...one, method: one.method === 'GET' ? 'HEAD' : 'GET' }),
]

export const twins: fc.Arbitrary<Twin> = fc.oneof(
  fc.constantFrom(...CAREFUL),
  fc.constantFrom(...PIECES).map(
    (piece): Twin =>
      one => ({ ...one, target: one.target + piece }),
  ),
  line.map(
    (added): Twin =>
      one => ({ ...one, lines: [...one.lines, added] }),
  ),
  host.map(
    (name): Twin =>
      one => ({ ...one, lines: [`Host: ${name}`, ...one.lines.slice(1)] }),
  ),
)

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}
