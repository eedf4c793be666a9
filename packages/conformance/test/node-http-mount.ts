import { createServer, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import {
  clientOf,
  listening,
  type Mount,
  type OriginAnswer,
  type OriginRequest,
  StreamedBody,
} from '@stampede/conformance'
import { ResponseHandle, type Stripped } from '@stampede/core/http'
import { type Answer, type Asked, type Listener, stampede } from './node-http.ts'

/** The conformance mount of plain `node:http`: what frameworks do in middleware stands around the listener. */
export const mount: Mount = async (options, handler, inFront) => {
  const dispatch: Listener = (request, reply) => void server.emit('request', request, reply)
  const listener = stampede(options, async asked => answerOf(await handler(seen(asked))), dispatch)
  const server = createServer((request, reply) => {
    const asked = seen({ request, body: request, handle: new ResponseHandle() })
    setAll(reply, inFront?.before?.(asked))
    // As Connect does it.
    if (inFront?.rewrite !== undefined)
      Object.assign(request, { originalUrl: request.url, url: inFront.rewrite(asked) })
    beforeHead(reply, () => setAll(reply, inFront?.after?.(asked)))
    listener(request, reply)
  })
  await listening(server)
  const { stats, invalidate, invalidateTags, clear, close: leave } = listener
  return { ...clientOf(server), stats, invalidate, invalidateTags, clear, leave }
}

/** As middleware does it that adds to whatever is answered. */
function beforeHead(reply: ServerResponse, callback: () => void): void {
  for (const name of ['write', 'end'] as const) {
    const method: unknown = reply[name]
    Object.assign(reply, {
      [name]: (...parts: unknown[]): unknown => {
        if (!reply.headersSent) callback()
        return Reflect.apply(method as () => unknown, reply, parts)
      },
    })
  }
}

function seen({ request, body, handle }: Asked): OriginRequest {
  const { method = '', url: routed = '', headers } = request
  const { originalUrl: target = routed } = request as Stripped
  const url = `http://${headers.host ?? ''}${target}`
  return { method, target, routed, url, header: name => headers[name]?.toString(), body: () => buffer(body), handle }
}

function answerOf({ status = 200, headers = {}, body }: OriginAnswer): Answer {
  if (body instanceof StreamedBody) return { status, headers, body: Readable.from(body.chunks, { objectMode: false }) }
  if (body === undefined) return { status, headers }
  if (Buffer.isBuffer(body)) return { status, headers, body }
  const [type, text] = typeof body === 'string' ? ['text/plain', body] : ['application/json', JSON.stringify(body)]
  return { status, headers: { 'content-type': type, ...headers }, body: text }
}

function setAll(reply: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(headers)) reply.setHeader(name, value)
}
