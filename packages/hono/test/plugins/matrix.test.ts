import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { clientOf, type Comparison, differencesFromBare, listening, type Serve } from '@stampede/conformance'
import { Hono, type MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { cors } from 'hono/cors'
import { csrf } from 'hono/csrf'
import { etag } from 'hono/etag'
import { logger } from 'hono/logger'
import { NONCE, secureHeaders } from 'hono/secure-headers'
import { describe, expect, it } from 'vitest'
import { stampede } from '../../src/index.ts'
import { handlerOf } from '../mount.ts'

interface Row extends Omit<Comparison, 'serve'> {
  readonly middleware: () => readonly MiddlewareHandler[]
}

const NONCES = ['content-security-policy']
const origin = ['https://a.example', 'https://b.example']
const withNonce = (): MiddlewareHandler => secureHeaders({ contentSecurityPolicy: { scriptSrc: [NONCE] } })
const rows: Readonly<Record<string, Row>> = {
  compress: { middleware: () => [compress()] },
  'cors, any origin': { middleware: () => [cors()] },
  'cors, some origins': { middleware: () => [cors({ origin, credentials: true })] },
  etag: { middleware: () => [etag()] },
  secureHeaders: { middleware: () => [secureHeaders()] },
  'secureHeaders with a nonce': { middleware: () => [withNonce()], ofEachRequest: NONCES },
  logger: { middleware: () => [logger(() => {})] },
  csrf: { middleware: () => [csrf()] },
  'compress, etag and cors': { middleware: () => [cors({ origin }), compress(), etag()] },
  'etag, compress and cors': { middleware: () => [cors({ origin }), etag(), compress()] },
  'all of them': {
    middleware: () => [logger(() => {}), withNonce(), cors({ origin }), csrf(), compress(), etag()],
    ofEachRequest: NONCES,
  },
}

/** An app with middleware in front of Stampede, or behind it. */
function served(middleware: Row['middleware'], isInFront: boolean): Serve {
  return async (options, handler) => {
    const app = new Hono()
    const own = middleware()
    if (isInFront) for (const each of own) app.use(each)
    if (options !== undefined) app.use(stampede({ ...options, refresh: app }))
    if (!isInFront) for (const each of own) app.use(each)
    app.get('*', handlerOf(handler))
    const server = createAdaptorServer({ fetch: app.fetch }) as Server
    await listening(server)
    return clientOf(server)
  }
}

describe.each([
  ['in front of Stampede', true],
  ['behind Stampede', false],
])('%s', (_place, isInFront) => {
  it.each(Object.entries(rows))('%s: the app answers as it does without Stampede', async (_name, row) => {
    expect(await differencesFromBare({ ...row, serve: served(row.middleware, isInFront) })).toEqual([])
  })
})
