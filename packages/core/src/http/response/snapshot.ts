import { applied, appending, combined, isSame, listed, replacing } from '../rfc/headers.ts'
import { controlHeaders } from '../options/control-headers.ts'
import type { HeaderLines, OriginResponse, ReplayedHeader } from '../contract/contract.ts'

/**
 * Fields of one connection or one exchange (RFC 9110 s7.6.1, RFC 9111 s3.1), which each reply has anew, or of Stampede
 * itself.
 */
const NEVER_REPLAYED = new Set([
  ...controlHeaders,
  'age',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Rate limits concern one client. */
const RATE_LIMIT = /^(?:x-)?ratelimit(?:-|$)/

/**
 * The headers to replay: those that the handler set or removed. Unchanged headers from before the handler ran are
 * omitted, because the middleware of each request sets them anew; of a list that was only extended, the addition is
 * kept.
 */
export function replayedHeaders(
  origin: OriginResponse,
  omitHeaders: readonly string[],
  receivedAt: Date,
): readonly ReplayedHeader[] {
  const dropped = new Set([...NEVER_REPLAYED, ...listed(combined(origin.headers, 'connection'))])
  const headers: ReplayedHeader[] = []
  for (const [name, lines] of origin.headers) {
    // The framework sets the length of a replayed body; the length that describes a HEAD is kept.
    const isFramed = name === 'content-length' && origin.body !== null
    const isOmitted = isFramed || dropped.has(name) || isForOne(name, omitHeaders)
    const header = isOmitted ? undefined : ownHeader(name, lines, origin.before.get(name))
    if (header !== undefined) headers.push(header)
  }
  for (const name of origin.before.keys()) {
    if (!origin.headers.has(name)) headers.push({ name, value: [], append: false })
  }
  // RFC 9110 s6.6.1: a recipient with a clock adds the time of receipt if the origin set no date.
  if (!origin.headers.has('date')) headers.push(replacing('date', receivedAt.toUTCString()))
  return headers
}

/** The headers of a reply after these are applied to those from before. */
export function replayedLines(headers: readonly ReplayedHeader[], before: HeaderLines): HeaderLines {
  const lines = new Map(before)
  for (const header of headers) {
    if (header.value.length === 0 && typeof header.value === 'object') lines.delete(header.name)
    else lines.set(header.name, [applied(before.get(header.name), header)].flat())
  }
  return lines
}

/** The changes that reset a reply to its headers from before. */
export function restoring(present: HeaderLines, before: HeaderLines): readonly ReplayedHeader[] {
  const others = [...present.keys()].filter(name => !before.has(name))
  return [
    ...others.map(name => ({ name, value: [], append: false })),
    ...[...before].map(([name, lines]) => ({ name, value: single(lines), append: false })),
  ]
}

/** Whether a header may be replayed. */
export function isReplayable(name: string): boolean {
  return !NEVER_REPLAYED.has(name) && !isForOne(name, [])
}

/** Whether a field concerns only one client. */
export function isForOne(name: string, omitHeaders: readonly string[]): boolean {
  return name === 'set-cookie' || RATE_LIMIT.test(name) || omitHeaders.includes(name)
}

/** The handler's own part of a header: all of it, an addition, or nothing. */
function ownHeader(
  name: string,
  lines: readonly string[],
  before: readonly string[] | undefined,
): ReplayedHeader | undefined {
  if (before === undefined) return { name, value: single(lines), append: false }
  if (isSame(lines, before)) return undefined
  if (before.every((line, index) => line === lines[index])) {
    return { name, value: single(lines.slice(before.length)), append: true }
  }
  const prefix = `${before.join(', ')},`
  const joined = lines.join(', ')
  return joined.startsWith(prefix)
    ? appending(name, joined.slice(prefix.length).trim())
    : { name, value: single(lines), append: false }
}

function single(lines: readonly string[]): string | readonly string[] {
  return lines.length === 1 && lines[0] !== undefined ? lines[0] : lines
}

/**
 * The request headers that the answer depends on, in lower case and sorted. Headers that an encoding or an echoed
 * origin implies are added, if the handler forgot them.
 */
export function variesOn(
  headers: readonly ReplayedHeader[],
  origin: HeaderLines,
  requestOrigin: string | undefined,
): string[] {
  const own = new Map(headers.map(header => [header.name, header.value]))
  const vary = own.get('vary')
  const names = new Set(listed(typeof vary === 'object' ? vary.join(',') : vary))
  const encoding = combined(origin, 'content-encoding')
  if (own.has('content-encoding') && encoding !== 'identity') names.add('accept-encoding')
  if (requestOrigin !== undefined && own.get('access-control-allow-origin') === requestOrigin) names.add('origin')
  return [...names].sort()
}

/** The headers that the handler itself set, as in the final head: only they make a failure fresh. */
export function statedBy(
  { status, headers: own, before }: OriginResponse,
  final: HeaderLines,
): HeaderLines | undefined {
  if (status < 400) return undefined
  return new Map([...final].filter(([name]) => own.has(name) && !isSame(own.get(name) ?? [], before.get(name))))
}
