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
    const given = rest.find(part => typeof part === 'object' && part !== null) ?? {}
    callback(headerLines([...Object.entries(reply.getHeaders()), ...Object.entries(given)]))
    return written
  }
}

/** Calls back when a reply has ended as it should, and not where its client went before. */
export function whenFinished(reply: WritableReply, callback: () => void): void {
  reply.once('close', () => {
    const isCut = reply.stream === undefined ? !reply.writableFinished : reply.stream.rstCode !== 0
    if (!isCut) callback()
  })
}
