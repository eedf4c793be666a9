import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { HttpOptions } from '@stampede/core/http'
import { expect, onTestFinished } from 'vitest'
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
  /** Paths of `documents`. */
  readonly targets?: readonly string[]
  /** Request headers, one set for each kind of client. */
  readonly clients?: readonly Readonly<Record<string, string>>[]
  /** Response headers that are another one for each request, beside those that only Stampede or the clock sets. */
  readonly ofEachRequest?: readonly string[]
}

const TARGETS = ['/text', '/json', '/bytes', '/stream', '/tagged']
const CLIENTS = [
  {},
  { 'accept-encoding': 'gzip' },
  { 'accept-encoding': 'br, gzip;q=0.5', origin: 'https://a.example' },
  { 'accept-encoding': 'identity', origin: 'https://b.example' },
]
/** Set by Stampede or the clock, or said of the connection; a length is compared with the body that came. */
const NOT_COMPARED = ['age', 'cache-status', 'connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']
const RANGE = { first: 100, last: 1_899 }

/** The same app twice, with all that the requests of a comparison need. */
interface Pair {
  readonly bare: ServerClient
  readonly cached: ServerClient
  readonly clock: TestClock
  readonly events: Tally
  readonly runs: Tally
  /** What the next runs wait for; none: they do not wait. */
  hold: Gate | undefined
  readonly ofEachRequest: readonly string[]
}

/**
 * Asserts that an app with Stampede answers as it does without: the leader, a follower, a hit, a stale hit, a HEAD, a
 * condition and a range, for each kind of client; and that no client gets what was made for one of another kind.
 */
export async function compareWithBare(comparison: Comparison): Promise<void> {
  const { targets = TARGETS, clients = CLIENTS } = comparison
  const pair = await pairOf(comparison)
  for (const target of targets) {
    for (const [index, headers] of clients.entries()) await compareOne(pair, `${target}?client=${index}`, headers)
    for (const headers of [...clients, ...clients.toReversed()]) await compare(pair, 'in turns', target, { headers })
  }
}

async function pairOf({ serve, ofEachRequest = [] }: Comparison): Promise<Pair> {
  const clock = new TestClock()
  const events = new Tally()
  const runs = new Tally()
  const bare = await serve(undefined, documents)
  onTestFinished(bare.close)
  const options: HttpOptions = { clock, onEvent: event => events.add(event.type) }
  const cached = await serve(options, async request => {
    runs.add('run')
    await pair.hold?.passed()
    return documents(request)
  })
  onTestFinished(cached.close)
  const pair: Pair = { bare, cached, clock, events, runs, hold: undefined, ofEachRequest }
  return pair
}

async function compareOne(pair: Pair, target: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const { clock, events } = pair
  await compareFlight(pair, target, headers)
  const whole = await compare(pair, 'hit', target, { headers })
  expect(whole.headers['cache-status'], `hit ${target}`).toContain('; hit')
  await compareHead(pair, target, headers, whole)
  await compareCondition(pair, target, headers, whole)
  await compareRange(pair, target, headers, whole)
  clock.advance(61_000)
  const [stored, given] = [events.count('store'), events.count('stale')]
  await compare(pair, 'stale', target, { headers })
  expect(events.count('stale'), `stale ${target}`).toBe(given + 1)
  await events.until('store', stored + 1)
  await compare(pair, 'refreshed', target, { headers })
}

/** A leader, and one who waits for it. */
async function compareFlight(pair: Pair, target: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const { bare, cached, events, runs } = pair
  const gate = (pair.hold = new Gate())
  const [run, follow] = [runs.count('run') + 1, events.count('follow') + 1]
  const leader = cached.fetch(target, { headers })
  await runs.until('run', run)
  const follower = cached.fetch(target, { headers })
  await events.until('follow', follow)
  gate.open()
  const expected = await bare.fetch(target, { headers })
  expectSame(pair, `leader ${target}`, await leader, expected)
  expectSame(pair, `follower ${target}`, await follower, expected)
  expect(runs.count('run'), `runs ${target}`).toBe(run)
}

async function compare(pair: Pair, role: string, target: string, options: FetchOptions): Promise<Fetched> {
  const cached = await pair.cached.fetch(target, options)
  expectSame(pair, `${role} ${target}`, cached, await pair.bare.fetch(target, options))
  return cached
}

/** RFC 9110 s9.3.2: the head of what a GET gets, of which plugins for compression leave some out. */
async function compareHead(
  pair: Pair,
  target: string,
  headers: Readonly<Record<string, string>>,
  whole: Fetched,
): Promise<void> {
  const options = { method: 'HEAD', headers }
  const cached = await pair.cached.fetch(target, options)
  const bare = await pair.bare.fetch(target, options)
  const ofGet = { ...whole, bytes: Buffer.alloc(0) }
  const isThatOfGet = isDeepStrictEqual(shown(cached, pair.ofEachRequest), shown(ofGet, pair.ofEachRequest))
  expectSame(pair, `head ${target}`, cached, isThatOfGet ? ofGet : bare)
}

/** Stampede may answer a condition that the app does not know, where the tag is one that was made behind it. */
async function compareCondition(
  pair: Pair,
  target: string,
  headers: Readonly<Record<string, string>>,
  whole: Fetched,
): Promise<void> {
  const { etag } = whole.headers
  if (etag === undefined) return
  const options = { headers: { ...headers, 'if-none-match': etag } }
  const cached = await pair.cached.fetch(target, options)
  const bare = await pair.bare.fetch(target, options)
  const message = `condition ${target}`
  if (bare.status !== 304 && cached.status !== 304) return expectSame(pair, message, cached, bare)
  expect(cached, message).toMatchObject({ status: 304, body: '' })
  const ofCached = ofPart(cached)
  expect(ofCached.headers['etag'], message).toBe(ofPart(whole).headers['etag'])
  if (bare.status !== 304) return
  // RFC 9110 s15.4.5: a 304 needs not say more than its app does, may well do so, and says nothing of a body.
  const { 'content-type': _type, ...expected } = compared(ofPart(bare), pair.ofEachRequest)
  expect(ofCached.headers, message).toMatchObject(expected)
}

/** A 206 is a part of what the same client gets whole, or of what it would without any encoding. */
async function compareRange(
  pair: Pair,
  target: string,
  headers: Readonly<Record<string, string>>,
  whole: Fetched,
): Promise<void> {
  const { first, last } = RANGE
  const cached = await pair.cached.fetch(target, { headers: { ...headers, range: `bytes=${first}-${last}` } })
  const message = `range ${target}`
  expect(cached.status, message).toBe(206)
  const isEncoded = cached.headers['content-encoding'] !== undefined
  if (isEncoded) expect(cached.headers['content-encoding'], message).toBe(whole.headers['content-encoding'])
  const of = isEncoded ? whole.bytes : decoded(whole)
  const end = Math.min(last, of.length - 1)
  expect(cached.headers['content-range'], message).toBe(`bytes ${first}-${end}/${of.length}`)
  expect(cached.bytes.equals(of.subarray(first, end + 1)), message).toBe(true)
  const bare = await pair.bare.fetch(target, { headers: { ...headers, range: `bytes=${first}-${last}` } })
  if (bare.status === 206 && !isEncoded) expectSame(pair, message, ofPart(cached), ofPart(bare))
}

/**
 * A 304 or 206 as far as it can be compared. A plugin for compression passes over those that are made behind it: it makes no
 * tag weak and says nothing of what it would have depended on.
 */
function ofPart(fetched: Fetched): Fetched {
  const headers: IncomingHttpHeaders = { ...fetched.headers }
  const vary = headers.vary?.split(', ').filter(name => name.toLowerCase() !== 'accept-encoding') ?? []
  if (vary.length === 0) delete headers.vary
  else headers.vary = vary.join(', ')
  if (headers.etag !== undefined) headers.etag = headers.etag.replace(/^W\//, '')
  return { ...fetched, headers }
}

function expectSame(pair: Pair, message: string, cached: Fetched, bare: Fetched): void {
  expect(shown(cached, pair.ofEachRequest), message).toEqual(shown(bare, pair.ofEachRequest))
  const { 'content-length': length, ...headers } = cached.headers
  // The answer to a HEAD says the length of a body that it does not have; elsewhere the client holds it to what came.
  const expected = cached.bytes.length === 0 ? bare.headers['content-length'] : String(cached.bytes.length)
  if (length !== undefined && expected !== undefined) expect(length, message).toBe(expected)
  for (const name of pair.ofEachRequest) expect(name in headers, `${name} of ${message}`).toBe(name in bare.headers)
}

function shown(fetched: Fetched, ofEachRequest: readonly string[]): object {
  return {
    status: fetched.status,
    headers: compared(fetched, ofEachRequest),
    body: createHash('sha1').update(decoded(fetched)).digest('hex'),
  }
}

function compared({ headers }: Fetched, ofEachRequest: readonly string[]): IncomingHttpHeaders {
  const hidden = new Set([...NOT_COMPARED, ...ofEachRequest])
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hidden.has(name)))
}

const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  deflate: inflateSync,
  gzip: gunzipSync,
}

function decoded({ headers, bytes }: Fetched): Buffer {
  return bytes.length === 0 ? bytes : (decoders[headers['content-encoding'] ?? '']?.(bytes) ?? bytes)
}
