import type { Server } from 'node:http'
import { Readable } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import {
  clientOf,
  type InFront,
  listening,
  type Mount,
  type OriginAnswer,
  type OriginHandler,
  type OriginRequest,
  StreamedBody,
  ThrownAnswer,
} from '@stampede/conformance'
import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { type HttpControls, stampede } from '../src/index.ts'
import { withoutBrokenBodies } from './broken-bodies.ts'

/** The conformance mount of Hono on its Node server. */
export const mount: Mount = async (options, handler, inFront) => {
  const { app, controls } = appOf(options, handler, inFront)
  const server = withoutBrokenBodies(createAdaptorServer({ fetch: app.fetch }) as Server)
  await listening(server)
  const client = clientOf(server)
  return {
    ...client,
    ...controls,
    leave: controls.close,
    close: async () => {
      await client.close()
      await controls.close()
    },
  }
}

/** The app that the conformance suites ask: middleware in front, the handler at every path. */
export function appOf(...[options, handler, inFront]: Parameters<Mount>): {
  readonly app: Hono
  readonly controls: HttpControls
} {
  const app = new Hono(rewriting(inFront))
  const middleware = stampede({ ...options, refresh: app })
  app.use(async (c, next) => {
    setAll(c, inFront?.before?.(seen(c)))
    await next()
    setAll(c, inFront?.after?.(seen(c)))
  })
  app.use(middleware)
  app.all('*', handlerOf(handler))
  app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text(error.message, 500)))
  const { stats, invalidate, invalidateTags, clear, close } = middleware
  return { app, controls: { stats, invalidate, invalidateTags, clear, close } }
}

/** Hono gets only a path. */
function rewriting(inFront: InFront | undefined): { getPath?: (request: Request) => string } {
  if (inFront?.rewrite === undefined) return {}
  const { rewrite } = inFront
  return {
    getPath: ({ url, headers }) => {
      const { pathname, search } = new URL(url)
      const [path = ''] = rewrite({ target: pathname + search, header: name => headers.get(name) ?? undefined }).split(
        '?',
      )
      return path
    },
  }
}

/** A case's handler as one of Hono's. */
export function handlerOf(handler: OriginHandler): (c: Context) => Promise<Response> {
  return async c => {
    const { status = 200, headers = {}, body } = await answered(handler, c)
    const head = [status as 200, { ...headers }] as const
    if (body instanceof StreamedBody) return c.body(webStream(body), ...head)
    if (typeof body === 'string') return c.text(body, ...head)
    if (Buffer.isBuffer(body)) return c.body(new Uint8Array(body), ...head)
    return body === undefined ? c.body(null, ...head) : c.json(body, ...head)
  }
}

/** Hono's own way to throw an answer. */
async function answered(handler: OriginHandler, c: Context): Promise<OriginAnswer> {
  try {
    return await handler(seen(c))
  } catch (error) {
    if (!(error instanceof ThrownAnswer)) throw error
    const { status, headers, message } = error
    throw new HTTPException(status as 500, { res: new Response(message, { status, headers }) })
  }
}

function webStream(body: StreamedBody): ReadableStream {
  return Readable.toWeb(Readable.from(body.chunks, { objectMode: false })) as ReadableStream
}

function setAll(c: Context, headers: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(headers)) c.header(name, value)
}

function seen(c: Context): OriginRequest {
  const { pathname, search } = new URL(c.req.url)
  return {
    method: c.req.method,
    target: pathname + search,
    routed: c.req.path + search,
    url: c.req.url,
    header: name => c.req.header(name),
    body: async () => Buffer.from(await c.req.arrayBuffer()),
    handle: c.var.stampede,
  }
}
