import { applied, type HeaderValue, headerLines, NO_HEADERS } from '../rfc/headers.ts'
import type { Reply } from './view.ts'
import { controlHeaders } from '../options/control-headers.ts'
import type { HeaderLines, ReplayedHeader } from '../contract/contract.ts'

/** A reply of the `http` kind, as far as its head and its end are concerned. */
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

/** Told of a head: all its headers, our own that are not sent among them, and its status. */
type OnHead = (headers: HeaderLines, status: number) => void

/**
 * Calls back with the head once it is written: not before, since others who watch for that moment may still add to it.
 * The client cannot have seen it then. Our own fields are taken off it, also where nobody is to be called back.
 */
export function whenHeadWritten(reply: WritableReply, callback?: OnHead): void {
  if (reply.stream !== undefined) return whenResponded(reply, reply.stream, callback)
  // The way of most replies: one function for all of them.
  if (callback === undefined && !Object.hasOwn(reply, 'writeHead')) {
    reply.writeHead = writeWithoutOwn
    return
  }
  const writeHead = reply.writeHead.bind(reply)
  reply.writeHead = (status, ...rest) => {
    reply.writeHead = writeHead
    const own = takeOwn(reply)
    const written = writeHead(status, ...rest.map(withoutOwn))
    // What stands on the reply by now has what was given with it, where anything stands there at all.
    callback?.(new Map([...own, ...headerLines(givenHeaders(rest)), ...standing(reply)]), status)
    return written
  }
}

/** The same, for what is to be told of the answer to an unsafe request, or that there comes none. */
export function whenAnswered(reply: WritableReply, answered: OnHead | undefined): void {
  whenHeadWritten(reply, answered)
  if (answered !== undefined) whenClosed(reply, () => answered(NO_HEADERS, 0))
}

/**
 * Adds headers to the head once it is written, and takes our own fields off it: cheaper than to add them to what a
 * framework has made of a reply. Returns whether it will: not for HTTP/2.
 */
export function sendHead(reply: WritableReply, headers: readonly ReplayedHeader[]): boolean {
  if (reply.stream !== undefined) return false
  const isWrapped = Object.hasOwn(reply, 'writeHead')
  whenHeadWritten(reply)
  const writeHead = isWrapped ? reply.writeHead.bind(reply) : writeWithoutOwn
  // Not of any number of arguments, and bound to nothing: this is made for each request that bypasses.
  reply.writeHead = (status, reason, given) => {
    reply.writeHead = writeHead
    return typeof reason === 'object'
      ? reply.writeHead(status, withTold(reply, reason, headers))
      : reply.writeHead(status, reason, withTold(reply, given, headers))
  }
  return true
}

/** The headers that are given to `writeHead`, and these: what it is given wins over what stands on the reply. */
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

/** A name as it is spelled there, if it is there. */
function nameIn(headers: Readonly<Record<string, HeaderValue>>, name: string): string {
  for (const key in headers) if (key.length === name.length && key.toLowerCase() === name) return key
  return name
}

/** Its class's own, without our own fields. Not of any number of arguments: a list of them would be made for each reply. */
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

/** The way of nearly all heads: nothing of ours is there, and what was given stays as it is. */
function mayHaveOwn(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false
  if (Array.isArray(part)) return true
  for (const name in part) if (isOwn(name)) return true
  return false
}

/** The same for HTTP/2, whose head is written by its stream. */
function whenResponded(reply: WritableReply, stream: NonNullable<Reply['stream']>, callback?: OnHead): void {
  const tell = (own: HeaderLines): void => callback?.(new Map([...own, ...standing(reply)]), reply.statusCode)
  // No head is written to a client that has gone.
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

/** Takes our own fields off the reply. */
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

/** An argument of `writeHead` without our own fields, where it gives headers. */
function withoutOwn(part: unknown): unknown {
  if (!mayHaveOwn(part)) return part
  return givenHeaders([part]).flatMap(header => (isOwn(header[0]) ? [] : header))
}

function isOwn(name: string): boolean {
  for (const own of controlHeaders) if (own.length === name.length && own === name.toLowerCase()) return true
  return false
}

/** The headers among the arguments of `writeHead`: an object, a list in which names and values take turns, or one of pairs. */
function givenHeaders(rest: readonly unknown[]): readonly (readonly [string, HeaderValue])[] {
  const given = rest.find(part => typeof part === 'object' && part !== null) ?? {}
  if (!Array.isArray(given)) return Object.entries(given)
  const list: readonly unknown[] = Array.isArray(given[0]) ? given.flat() : given
  return list.flatMap((name, at) => (at % 2 === 0 ? [[String(name), list[at + 1] as HeaderValue]] : []))
}

/** Calls back when a reply has ended as it should, and not where its client went before. */
export function whenFinished(reply: WritableReply, callback: () => void): void {
  reply.once('close', () => {
    if (isWhole(reply)) callback()
  })
}

/** Where a whole connection is closed, its streams of HTTP/2 end with no error, and as if they were finished. */
function isWhole({ stream, writableFinished }: WritableReply): boolean {
  return stream === undefined ? writableFinished : stream.rstCode === 0 && stream.aborted !== true
}

/** Calls back when a reply is over in any way; at once where it is already. */
export function whenClosed(reply: WritableReply, callback: () => void): void {
  if (reply.stream?.destroyed ?? reply.destroyed === true) callback()
  else reply.once('close', callback)
}

/** RFC 9113 s7 */
const INTERNAL_ERROR = 2

/** Tells the client of HTTP/2 that a reply whose head is sent is not whole: to destroy it says that all is well. */
export function breakOff(reply: WritableReply): void {
  if (reply.headersSent) reply.stream?.close?.(INTERNAL_ERROR)
}
