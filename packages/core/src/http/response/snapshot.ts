import { applied, appending, combined, isSame, listed, replacing } from '../rfc/headers.ts'
import { controlHeaders } from '../options/control-headers.ts'
import type { HeaderLines, OriginResponse, ReplayedHeader } from '../contract/contract.ts'

/** Fields of one connection or one exchange (RFC 9110 s7.6.1, RFC 9111 s3.1), made anew for each reply, or our own. */
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

/** Rate limits speak of the client that asked. */
const RATE_LIMIT = /^(?:x-)?ratelimit(?:-|$)/

/**
 * The headers to replay: those that the handler set, and those that it removed. What stood on the reply before it ran and is unchanged is left out,
 * since each request's own middleware sets it anew; of a list that was only added to, the addition is kept.
 */
export function replayedHeaders(
  origin: OriginResponse,
  omitHeaders: readonly string[],
  receivedAt: Date,
): readonly ReplayedHeader[] {
  const dropped = new Set([...NEVER_REPLAYED, ...listed(combined(origin.headers, 'connection'))])
  const headers: ReplayedHeader[] = []
  for (const [name, lines] of origin.headers) {
    // The length of a body that is replayed is the framework's to say; that of one which a HEAD only speaks of is kept.
    const isFramed = name === 'content-length' && origin.body !== null
    const isOmitted = isFramed || dropped.has(name) || isForOne(name, omitHeaders)
    const header = isOmitted ? undefined : ownHeader(name, lines, origin.before.get(name))
    if (header !== undefined) headers.push(header)
  }
  for (const name of origin.before.keys()) {
    if (!origin.headers.has(name)) headers.push({ name, value: [], append: false })
  }
  // RFC 9110 s6.6.1: a recipient with a clock adds the moment of receipt where the origin set no date.
  if (!origin.headers.has('date')) headers.push(replacing('date', receivedAt.toUTCString()))
  return headers
}

/** What stands on a reply once these headers are applied to what stood on it before. */
export function replayedLines(headers: readonly ReplayedHeader[], before: HeaderLines): HeaderLines {
  const lines = new Map(before)
  for (const header of headers) {
    if (header.value.length === 0 && typeof header.value === 'object') lines.delete(header.name)
    else lines.set(header.name, [applied(before.get(header.name), header)].flat())
  }
  return lines
}

/** What puts a reply back to what stood on it before. */
export function restoring(present: HeaderLines, before: HeaderLines): readonly ReplayedHeader[] {
  const others = [...present.keys()].filter(name => !before.has(name))
  return [
    ...others.map(name => ({ name, value: [], append: false })),
    ...[...before].map(([name, lines]) => ({ name, value: single(lines), append: false })),
  ]
}

/** Whether a header may be among those that are replayed. */
export function isReplayable(name: string): boolean {
  return !NEVER_REPLAYED.has(name) && !isForOne(name, [])
}

/** Whether a field speaks to the client that asked, and to nobody else. */
export function isForOne(name: string, omitHeaders: readonly string[]): boolean {
  return name === 'set-cookie' || RATE_LIMIT.test(name) || omitHeaders.includes(name)
}

/** What the handler itself made of a header: all of it, what it added to, or nothing. */
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
 * The request headers that the handler's answer depends on, in lower case and in a fixed order. What an encoding or an
 * echoed origin implies is added where the handler forgot to say it.
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

/** The headers that the handler itself set, as they stand on the final head: what a failure says of its own freshness. */
export function statedBy(
  { status, headers: own, before }: OriginResponse,
  final: HeaderLines,
): HeaderLines | undefined {
  if (status < 400) return undefined
  return new Map([...final].filter(([name]) => own.has(name) && !isSame(own.get(name) ?? [], before.get(name))))
}
