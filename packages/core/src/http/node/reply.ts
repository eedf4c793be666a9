import { applied, type HeaderValue, headerLines, NO_HEADERS } from '../rfc/headers.ts'
import type { Reply } from './view.ts'
import { controlHeaders } from '../options/control-headers.ts'
import type { HeaderLines, ReplayedHeader } from '../contract/contract.ts'

/** A reply of the `http` kind: its head and its end. */
export interface WritableReply extends Reply {
  readonly statusCode: number
  readonly headersSent: boolean
  readonly writableFinished: boolean
  getHeaders(): Readonly<Record<string, HeaderValue>>
  getHeader(name: string): HeaderValue
  removeHeader(name: string): void
  once(event: 'close', listener: () => void): unknown
  writeHead(status: number, ...rest: unknown[]): unknown
}

/** Receives a head: its status, and all headers, including control headers that are not sent. */
type OnHead = (headers: HeaderLines, status: number) => void

/**
 * Calls back with the head once it is written, and not before, since other code may still add to it at that moment.
 * The client has not seen it then. Removes control headers, also without a callback.
 */
export function whenHeadWritten(reply: WritableReply, callback?: OnHead): void {
  if (reply.stream !== undefined) return whenResponded(reply, reply.stream, callback)
  // The fast path of most replies: one function for all of them.
  if (callback === undefined && !Object.hasOwn(reply, 'writeHead')) {
    reply.writeHead = writeWithoutOwn
    return
  }
  const writeHead = reply.writeHead.bind(reply)
  reply.writeHead = (status, ...rest) => {
    reply.writeHead = writeHead
    const own = takeOwn(reply)
    const written = writeHead(status, ...rest.map(withoutOwn))
    // By now the reply has the headers that were passed, if it has any.
    callback?.(new Map([...own, ...headerLines(givenHeaders(rest)), ...standing(reply)]), status)
    return written
  }
}

/** The same for the answer to an unsafe request, or for the end of a reply without a head. */
export function whenAnswered(reply: WritableReply, answered: OnHead | undefined): void {
  whenHeadWritten(reply, answered)
  if (answered !== undefined) whenClosed(reply, () => answered(NO_HEADERS, 0))
}

/**
 * Adds headers to the head once it is written, and removes control headers. Cheaper than changing the headers that a
 * framework has set. Returns whether it will: not for HTTP/2.
 */
export function sendHead(reply: WritableReply, headers: readonly ReplayedHeader[]): boolean {
  if (reply.stream !== undefined) return false
  const isWrapped = Object.hasOwn(reply, 'writeHead')
  whenHeadWritten(reply)
  const writeHead = isWrapped ? reply.writeHead.bind(reply) : writeWithoutOwn
  // No rest parameters and no bind: this runs for each request that bypasses.
  reply.writeHead = (status, reason, given) => {
    reply.writeHead = writeHead
    return typeof reason === 'object'
      ? reply.writeHead(status, withTold(reply, reason, headers))
      : reply.writeHead(status, reason, withTold(reply, given, headers))
  }
  return true
}

/** The headers that are passed to `writeHead`, plus these: passed headers take precedence over those of the reply. */
function withTold(reply: WritableReply, given: unknown, headers: readonly ReplayedHeader[]): object {
  const all: Record<string, HeaderValue> = Array.isArray(given)
    ? Object.fromEntries(headerLines(givenHeaders([given])))
    : // No spread: V8 takes two microseconds to add to what it made by one.
      Object.assign({}, given as Record<string, HeaderValue> | undefined)
  for (const header of headers) {
    const as = nameIn(all, header.name)
    const present = all[as] ?? reply.getHeader(as)
    all[as] = present === undefined && typeof header.value === 'string' ? header.value : applied(present, header)
  }
  return all
}

/** The name in its spelling, if it is present. */
function nameIn(headers: Readonly<Record<string, HeaderValue>>, name: string): string {
  for (const key in headers) if (key.length === name.length && key.toLowerCase() === name) return key
  return name
}

/** The method of its class, without control headers. No rest parameters, which would allocate an array per reply. */
function writeWithoutOwn(this: WritableReply, status: number, reason?: unknown, headers?: unknown): unknown {
  takeOwn(this)
  const inherited = inheritedBy(this)
  return headers === undefined
    ? inherited.writeHead.call(this, status, withoutOwn(reason))
    : inherited.writeHead.call(this, status, withoutOwn(reason), withoutOwn(headers))
}

/** The reply may be the prototype of another one. */
function inheritedBy(reply: WritableReply): WritableReply {
  let inherited = Object.getPrototypeOf(reply) as WritableReply
  while (inherited.writeHead === writeWithoutOwn) inherited = Object.getPrototypeOf(inherited) as WritableReply
  return inherited
}

/** The fast path of nearly all heads: without control headers the arguments stay as they are. */
function mayHaveOwn(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false
  if (Array.isArray(part)) return true
  for (const name in part) if (isOwn(name)) return true
  return false
}

/** The same for HTTP/2, whose stream writes the head. */
function whenResponded(reply: WritableReply, stream: NonNullable<Reply['stream']>, callback?: OnHead): void {
  const tell = (own: HeaderLines): void => callback?.(new Map([...own, ...standing(reply)]), reply.statusCode)
  // A disconnected client gets no head.
  if (stream.respond === undefined || stream.destroyed) return tell(takeOwn(reply))
  const respond = stream.respond.bind(stream)
  stream.respond = (...rest) => {
    stream.respond = respond
    const own = takeOwn(reply)
    const responded = respond(...rest)
    tell(own)
    return responded
  }
}

function standing(reply: WritableReply): HeaderLines {
  return headerLines(Object.entries(reply.getHeaders()))
}

/** Removes control headers from the reply. */
function takeOwn(reply: WritableReply): HeaderLines {
  let own = NO_HEADERS
  for (const name of controlHeaders) {
    const value = reply.getHeader(name)
    if (value === undefined) continue
    reply.removeHeader(name)
    own = new Map([...own, ...headerLines([[name, value]])])
  }
  return own
}

/** An argument of `writeHead` without control headers, if it contains headers. */
function withoutOwn(part: unknown): unknown {
  if (!mayHaveOwn(part)) return part
  return givenHeaders([part]).flatMap(header => (isOwn(header[0]) ? [] : header))
}

function isOwn(name: string): boolean {
  for (const own of controlHeaders) if (own.length === name.length && own === name.toLowerCase()) return true
  return false
}

/** The headers among the arguments of `writeHead`: an object, a flat list of names and values, or a list of pairs. */
function givenHeaders(rest: readonly unknown[]): readonly (readonly [string, HeaderValue])[] {
  const given = rest.find(part => typeof part === 'object' && part !== null) ?? {}
  if (!Array.isArray(given)) return Object.entries(given)
  const list: readonly unknown[] = Array.isArray(given[0]) ? given.flat() : given
  return list.flatMap((name, at) => (at % 2 === 0 ? [[String(name), list[at + 1] as HeaderValue]] : []))
}

/** Calls back when a reply has ended normally, and not if its client disconnected before. */
export function whenFinished(reply: WritableReply, callback: () => void): void {
  reply.once('close', () => {
    if (isWhole(reply)) callback()
  })
}

/** When a connection is closed, its HTTP/2 streams end without an error, as if they were finished. */
function isWhole({ stream, writableFinished }: WritableReply): boolean {
  return stream === undefined ? writableFinished : stream.rstCode === 0 && stream.aborted !== true
}

/** Calls back when a reply has ended in any way; at once if it already has. */
export function whenClosed(reply: WritableReply, callback: () => void): void {
  if (reply.stream?.destroyed ?? reply.destroyed === true) callback()
  else reply.once('close', callback)
}

/** RFC 9113 s7 */
const INTERNAL_ERROR = 2

/** Resets an HTTP/2 stream whose head is sent: destroying it would end it as if it were complete. */
export function breakOff(reply: WritableReply): void {
  if (reply.headersSent) reply.stream?.close?.(INTERNAL_ERROR)
}
