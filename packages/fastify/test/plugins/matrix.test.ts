import fastifyAuth from '@fastify/auth'
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import { clientOf, type Comparison, differencesFromBare, type Serve } from '@stampede/conformance'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { stampedePlugin } from '../../src/index.ts'
import { handlerOf } from '../mount.ts'

interface Row extends Omit<Comparison, 'serve'> {
  readonly register: (app: FastifyInstance) => unknown
}

const LIMITS = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']
/** Tags are made of whole bodies only: what came as a stream has none, until it is replayed whole. */
const WHOLE = ['/text', '/json', '/bytes', '/tagged']

const rows: Readonly<Record<string, Row>> = {
  '@fastify/compress': { register: app => app.register(compress) },
  '@fastify/cors, any origin': { register: app => app.register(cors) },
  '@fastify/cors, the origin echoed': { register: app => app.register(cors, { origin: true, credentials: true }) },
  '@fastify/etag': { register: app => app.register(etag), targets: WHOLE },
  '@fastify/helmet': {
    register: app => app.register(helmet, { enableCSPNonces: true }),
    ofEachRequest: ['content-security-policy'],
  },
  '@fastify/cookie': { register: app => app.register(cookie, { secret: 'of the test' }) },
  '@fastify/auth': {
    register: async app => {
      await app.register(fastifyAuth)
      app.addHook('preHandler', app.auth([async () => {}]))
    },
  },
  '@fastify/rate-limit': {
    register: app => app.register(rateLimit, { max: 100_000 }),
    ofEachRequest: LIMITS,
  },
  'compress, etag and cors': {
    register: async app => {
      await app.register(cors, { origin: ['https://a.example', 'https://b.example'] })
      await app.register(etag)
      await app.register(compress)
    },
    targets: WHOLE,
  },
  'all of them': {
    register: async app => {
      for (const name of ['@fastify/compress', '@fastify/cors, the origin echoed', '@fastify/etag', '@fastify/helmet'])
        await rows[name]?.register(app)
      for (const name of ['@fastify/cookie', '@fastify/auth', '@fastify/rate-limit']) await rows[name]?.register(app)
    },
    targets: WHOLE,
    ofEachRequest: ['content-security-policy', ...LIMITS],
  },
}

/** An app with a plugin that is registered before Stampede, or after it. */
function served(register: Row['register'], isInFront: boolean): Serve {
  return async (options, handler) => {
    const app = fastify({ exposeHeadRoutes: true })
    if (isInFront) await register(app)
    if (options !== undefined) await app.register(stampedePlugin, options)
    if (!isInFront) await register(app)
    app.get('/*', handlerOf(handler))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const client = clientOf(app.server)
    return {
      ...client,
      close: async () => {
        await client.close()
        await app.close()
      },
    }
  }
}

describe.each([
  ['registered before Stampede', true],
  ['registered after Stampede', false],
])('%s', (_place, isInFront) => {
  it.each(Object.entries(rows))('%s: the app answers as it does without Stampede', async (_name, row) => {
    expect(await differencesFromBare({ ...row, serve: served(row.register, isInFront) })).toEqual([])
  })
})
