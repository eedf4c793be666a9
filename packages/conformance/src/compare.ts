import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { HttpOptions } from '@stampede/core/http'
import { onTestFinished } from 'vitest'
import type { Fetched, FetchOptions, ServerClient } from './client.ts'
import { documents } from './documents.ts'
import { Gate, Tally } from './gate.ts'
import type { OriginHandler } from './mount.ts'
import { TestClock } from './test-clock.ts'

/** Serves one app: with Stampede by these options, or, where there are none, without it. */
export type Serve = (options: HttpOptions | undefined, handler: OriginHandler) => Promise<ServerClient>

/** What is compared, and by which requests. */
export interface Comparison {
  readonly serve: Serve
  /** Paths of `documents`; default: all. */
  readonly targets?: readonly string[]
  /** Response headers that are another one for each request, beside those that only Stampede or the clock sets. */
  readonly ofEachRequest?: readonly string[]
}

/** Where an app with Stampede answers otherwise than it should. */
export interface Difference {
  readonly what: string
  readonly got: unknown
  readonly expected: unknown
}

/** What of an answer is compared; of the body, a digest. */
type Shown = Pick<Fetched, 'status' | 'headers' | 'body'>
type Headers = Readonly<Record<string, string>>

/** One app with Stampede and without, and all that the requests of a comparison need. */
interface Pair {
  readonly bare: ServerClient
  readonly cached: ServerClient
  readonly clock: TestClock
  readonly events: Tally
  readonly runs: Tally
  /** What the next runs wait for; none: they do not wait. */
  hold: Gate | undefined
  readonly notCompared: ReadonlySet<string>
  readonly ofEachRequest: readonly string[]
  readonly differences: Difference[]
}

/** Requests of one kind of client for one target. */
interface Ask {
  readonly pair: Pair
  readonly target: string
  readonly headers: Headers
}

const TARGETS = ['/text', '/json', '/bytes', '/stream', '/tagged']
const CLIENTS: readonly Headers[] = [
  {},
  { 'accept-encoding': 'gzip' },
  { 'accept-encoding': 'br, gzip;q=0.5', origin: 'https://a.example' },
  { 'accept-encoding': 'identity', origin: 'https://b.example' },
]
/** Set by Stampede or the clock, or said of the connection; a length is compared with the body that came. */
const NOT_COMPARED = ['age', 'cache-status', 'connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']
const RANGE = { first: 100, last: 1_899 }

/**
 * Compares what an app answers with Stampede and without: the leader, a follower, a hit, a stale hit, a HEAD, a condition
 * and a range, for each kind of client; then all kinds at once and in turns, so that none gets what was made for another.
 *
 * @returns the differences that must not be
 */
export async function differencesFromBare(comparison: Comparison): Promise<readonly Difference[]> {
  const pair = await pairOf(comparison)
  for (const target of comparison.targets ?? TARGETS) {
    for (const [index, headers] of CLIENTS.entries())
      await compareAll({ pair, target: `${target}?client=${index}`, headers })
    await compareAtOnce(pair, `${target}?at=once`)
    for (const headers of [...CLIENTS, ...CLIENTS.toReversed()])
      await compare({ pair, target, headers }, 'in turns', { headers })
  }
  return pair.differences
}

async function pairOf({ serve, ofEachRequest = [] }: Comparison): Promise<Pair> {
  const [clock, events, runs] = [new TestClock(), new Tally(), new Tally()]
  const bare = await serve(undefined, documents)
  onTestFinished(bare.close)
  const cached = await serve({ clock, onEvent: event => events.add(event.type) }, async request => {
    runs.add('run')
    await pair.hold?.passed()
    return documents(request)
  })
  onTestFinished(cached.close)
  const notCompared = new Set([...NOT_COMPARED, ...ofEachRequest])
  const pair: Pair = { bare, cached, clock, events, runs, hold: undefined, notCompared, ofEachRequest, differences: [] }
  return pair
}

async function compareAll(ask: Ask): Promise<void> {
  const { clock, events } = ask.pair
  const plain = { headers: ask.headers }
  await compareFlight(ask)
  const hits = events.count('hit')
  const whole = await compare(ask, 'hit', plain)
  check(ask, 'hits', events.count('hit'), hits + 1)
  await compareHead(ask, whole)
  await compareCondition(ask, whole)
  await compareRange(ask, whole)
  clock.advance(61_000)
  const [stored, stale] = [events.count('store'), events.count('stale')]
  await compare(ask, 'stale hit', plain)
  check(ask, 'stale hits', events.count('stale'), stale + 1)
  await events.until('store', stored + 1)
  await compare(ask, 'refreshed', plain)
  // After the stale window too: the next request leads, and revalidates.
  clock.advance(200_000)
  await compareCondition(ask, whole)
  await compare(ask, 'revalidated', plain)
  await compareCold(ask, whole)
}

/** A HEAD, a condition and a range where nothing is stored yet, and what is made of each for a plain GET. */
async function compareCold(ask: Ask, { headers: { etag = '"none"' } }: Fetched): Promise<void> {
  const { headers } = ask
  const first: Readonly<Record<string, FetchOptions>> = {
    HEAD: { method: 'HEAD', headers },
    condition: { headers: { ...headers, 'if-none-match': etag } },
    range: { headers: { ...headers, range: `bytes=${RANGE.first}-${RANGE.last}` } },
  }
  for (const [what, options] of Object.entries(first)) {
    const cold = { ...ask, target: `${ask.target}&cold=${what}` }
    await compare(cold, `cold ${what}`, options)
    await compare(cold, `GET after a cold ${what}`, { headers })
    await compare(cold, `second GET after a cold ${what}`, { headers })
  }
}

/** A leader and its follower. */
async function compareFlight(ask: Ask): Promise<void> {
  const { pair, target, headers } = ask
  const gate = (pair.hold = new Gate())
  const [run, follow] = [pair.runs.count('run') + 1, pair.events.count('follow') + 1]
  const leader = pair.cached.fetch(target, { headers })
  await pair.runs.until('run', run)
  const follower = pair.cached.fetch(target, { headers })
  await pair.events.until('follow', follow)
  gate.open()
  const bare = await pair.bare.fetch(target, { headers })
  checkSame(ask, 'leader', await leader, bare)
  checkSame(ask, 'follower', await follower, bare)
  check(ask, 'runs', pair.runs.count('run'), run)
}

/** One client of each kind, while nothing is known of what the answer depends on. */
async function compareAtOnce(pair: Pair, target: string): Promise<void> {
  const gate = (pair.hold = new Gate())
  const followers = pair.events.count('follow') + CLIENTS.length - 1
  const replies = CLIENTS.map(headers => pair.cached.fetch(target, { headers }))
  await pair.events.until('follow', followers)
  gate.open()
  for (const [index, cached] of (await Promise.all(replies)).entries()) {
    const headers = CLIENTS[index] ?? {}
    checkSame({ pair, target, headers }, 'at once', cached, await pair.bare.fetch(target, { headers }))
  }
}

async function compare(ask: Ask, what: string, options: FetchOptions): Promise<Fetched> {
  const { pair, target } = ask
  const cached = await pair.cached.fetch(target, options)
  checkSame(ask, what, cached, await pair.bare.fetch(target, options))
  return cached
}

/** RFC 9110 s9.3.2: the head of what a GET gets, of which plugins for compression leave some out. */
async function compareHead(ask: Ask, whole: Fetched): Promise<void> {
  const { pair, target, headers } = ask
  const cached = await pair.cached.fetch(target, { method: 'HEAD', headers })
  const bare = await pair.bare.fetch(target, { method: 'HEAD', headers })
  const ofGet = { ...whole, bytes: Buffer.alloc(0) }
  checkSame(ask, 'HEAD', cached, isDeepStrictEqual(shown(pair, cached), shown(pair, ofGet)) ? ofGet : bare)
}

/** Stampede may answer a condition that the app does not know, where the tag is one that was made behind it. */
async function compareCondition(ask: Ask, whole: Fetched): Promise<void> {
  const { pair, target } = ask
  if (whole.headers.etag === undefined) return
  const headers = { ...ask.headers, 'if-none-match': whole.headers.etag }
  const cached = await pair.cached.fetch(target, { headers })
  const bare = await pair.bare.fetch(target, { headers })
  if (bare.status !== 304 && cached.status !== 304) return checkSame(ask, 'condition', cached, bare)
  const { headers: got } = shown(pair, ofPart(cached))
  check(ask, 'condition', [cached.status, cached.body, got.etag], [304, '', ofPart(whole).headers.etag])
  if (bare.status !== 304) return
  // RFC 9110 s15.4.5: a 304 needs not say more than its app does, may well do so, and says nothing of a body.
  const { 'content-type': _type, ...expected } = shown(pair, ofPart(bare)).headers
  const same = Object.fromEntries(Object.keys(expected).map(name => [name, got[name]]))
  check(ask, 'headers of the 304', same, expected)
}

/** A 206 is a part of what the same client gets whole, or of what it would without any encoding. */
async function compareRange(ask: Ask, whole: Fetched): Promise<void> {
  const { pair, target } = ask
  const { first, last } = RANGE
  const headers = { ...ask.headers, range: `bytes=${first}-${last}` }
  const cached = await pair.cached.fetch(target, { headers })
  const encoding = cached.headers['content-encoding']
  const of = encoding !== undefined && encoding === whole.headers['content-encoding'] ? whole.bytes : decoded(whole)
  const end = Math.min(last + 1, of.length)
  check(
    ask,
    'range',
    [cached.status, cached.headers['content-range'], cached.bytes.toString('hex')],
    [206, `bytes ${first}-${end - 1}/${of.length}`, of.subarray(first, end).toString('hex')],
  )
  const bare = await pair.bare.fetch(target, { headers })
  if (bare.status === 206 && encoding === undefined) checkSame(ask, 'range', ofPart(cached), ofPart(bare))
}

/**
 * A 304 or 206 as far as it can be compared. A plugin for compression passes over those that are made behind it: it makes
 * no tag weak, and says nothing of what it would have depended on.
 */
function ofPart(fetched: Fetched): Fetched {
  const { vary, etag, ...headers } = fetched.headers
  const others = vary?.split(', ').filter(name => name.toLowerCase() !== 'accept-encoding') ?? []
  return {
    ...fetched,
    headers: {
      ...headers,
      ...(others.length > 0 && { vary: others.join(', ') }),
      ...(etag !== undefined && { etag: etag.replace(/^W\//, '') }),
    },
  }
}

function checkSame(ask: Ask, what: string, cached: Fetched, bare: Fetched): void {
  check(ask, what, shown(ask.pair, cached), shown(ask.pair, bare))
  const length = cached.headers['content-length']
  // The answer to a HEAD says the length of a body that it does not have; elsewhere the client holds it to what came.
  const expected = cached.bytes.length === 0 ? bare.headers['content-length'] : String(cached.bytes.length)
  if (length !== undefined && expected !== undefined) check(ask, `length of the ${what}`, length, expected)
  for (const name of ask.pair.ofEachRequest)
    check(ask, `${name} of the ${what}`, name in cached.headers, name in bare.headers)
}

function check({ pair, target, headers }: Ask, what: string, got: unknown, expected: unknown): void {
  if (isDeepStrictEqual(got, expected)) return
  pair.differences.push({ what: `${what}: ${target} ${JSON.stringify(headers)}`, got, expected })
}

function shown({ notCompared }: Pair, fetched: Fetched): Shown {
  const headers = Object.entries(fetched.headers).filter(([name]) => !notCompared.has(name))
  const body = createHash('sha256').update(decoded(fetched)).digest('hex')
  return { status: fetched.status, headers: Object.fromEntries(headers), body }
}

const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  deflate: inflateSync,
  gzip: gunzipSync,
}

function decoded({ headers, bytes }: Fetched): Buffer {
  return bytes.length === 0 ? bytes : (decoders[headers['content-encoding'] ?? '']?.(bytes) ?? bytes)
}
