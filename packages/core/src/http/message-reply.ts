import { type HeaderValue, headerLines } from './headers.ts'
import type { Reply } from './message-view.ts'
import type { HeaderLines } from './types.ts'

/** A reply of the `http` kind, as far as its head and its end are concerned. */
export interface WritableReply extends Reply {
  readonly headersSent: boolean
  readonly writableFinished: boolean
  getHeaders(): Readonly<Record<string, HeaderValue>>
  once(event: 'close', listener: () => void): unknown
  writeHead(status: number, ...rest: unknown[]): unknown
}

/**
 * Calls back with all headers of the head once it is written: not before, since others who watch for that moment may
 * still add to it. HTTP/2 writes it where nobody sees; there it is called at once.
 */
export function whenHeadWritten(reply: WritableReply, callback: (headers: HeaderLines) => void): void {
  if (reply.stream !== undefined) return callback(headerLines(Object.entries(reply.getHeaders())))
  const writeHead = reply.writeHead.bind(reply)
  reply.writeHead = (status, ...rest) => {
    reply.writeHead = writeHead
    const written = writeHead(status, ...rest)
    // What stands on the reply by now has what was given with it, where anything stands there at all.
    callback(new Map([...headerLines(givenHeaders(rest)), ...headerLines(Object.entries(reply.getHeaders()))]))
    return written
  }
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
    const isCut = reply.stream === undefined ? !reply.writableFinished : reply.stream.rstCode !== 0
    if (!isCut) callback()
  })
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
