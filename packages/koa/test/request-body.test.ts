import { PassThrough, Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { type Fetched, type ServerClient } from '@stampede/conformance'
import Koa, { type Context, type Middleware } from 'koa'
import { describe, expect, it } from 'vitest'
import { stampede } from '../src/index.ts'
import { served } from './served.ts'

const OPTIONS = { ttl: 60_000, methods: ['GET', 'POST'] }
const LONG = 'x'.repeat(200_000)

async function serve(...stack: readonly Middleware[]): Promise<ServerClient> {
  const app = new Koa()
  app.silent = true
  for (const middleware of stack) app.use(middleware)
  return served(app)
}

const post = (client: ServerClient, body: string, headers = {}): Promise<Fetched> =>
  client.fetch('/', { method: 'POST', body, headers: { 'content-type': 'text/plain', ...headers } })

/** What became of two POSTs of one body, and what they were answered. */
async function twice(client: ServerClient, body: string, headers = {}): Promise<readonly string[]> {
  const replies = [await post(client, body, headers), await post(client, body, headers)]
  for (const reply of replies) expect(reply.body === body).toBe(true)
  return replies.map(reply => String(reply.headers['cache-status']).replace(/; ttl=.*/, ''))
}

/** Parses the body as the usual parsers do, and leaves it where they do. */
const parser =
  (leave: (ctx: Context, body: string) => unknown): Middleware =>
  async (ctx, next) => {
    leave(ctx, await text(ctx.req))
    await next()
  }

const parsed = (ctx: Context): { body?: unknown; rawBody?: unknown } => ctx.request as object

describe('a handler behind Stampede reads the body', () => {
  const ways: Readonly<Record<string, (ctx: Context) => unknown>> = {
    'as it comes': async ({ req }) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      await new Promise(resolve => req.once('end', resolve))
      return Buffer.concat(chunks)
    },
    'as text': async ({ req }) => {
      let all = ''
      req.setEncoding('utf8').on('data', (chunk: string) => (all += chunk))
      await new Promise(resolve => req.once('end', resolve))
      return all
    },
    'when it is there': async ({ req }) => {
      const chunks: Buffer[] = []
      req.on('readable', () => {
        for (let chunk: unknown = req.read(); chunk !== null; chunk = req.read()) chunks.push(chunk as Buffer)
      })
      await new Promise(resolve => req.once('end', resolve))
      return Buffer.concat(chunks)
    },
    'by iterating': ({ req }) => buffer(req),
    'through a pipe': ({ req }) => buffer(req.pipe(new PassThrough())),
    'as a web stream': ({ req }) => text(Readable.toWeb(req)),
    'a turn of the loop later': async ({ req }) => {
      await new Promise(resolve => setImmediate(resolve))
      return buffer(req)
    },
  }
  for (const [name, read] of Object.entries(ways)) {
    it(`${name}, short or long, in chunks or not`, async () => {
      const client = await serve(stampede(OPTIONS), async ctx => {
        // What libraries ask before they take a stream.
        expect(Readable.isDisturbed(ctx.req)).toBe(false)
        ctx.body = await read(ctx)
      })
      for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
        for (const body of ['', 'abc', LONG]) {
          const seen = await twice(client, headers['transfer-encoding'] === undefined ? body : `${body} `, headers)
          expect(seen).toEqual(['stampede; fwd=uri-miss', 'stampede; hit'])
        }
      }
    })
  }

  it('in part in front of a second Stampede, which then leaves it alone', async () => {
    const inner = stampede(OPTIONS)
    const client = await serve(
      stampede({ ...OPTIONS, cacheStatus: false }),
      async (ctx, next) => {
        ctx.req.unshift((ctx.req.read(2) as Buffer).subarray(1))
        await next()
      },
      inner,
      async ctx => {
        ctx.body = await buffer(ctx.req)
      },
    )
    expect((await post(client, 'abc')).body).toBe('bc')
    expect(inner.stats()).toMatchObject({ bypasses: 1, misses: 0 })
  })

  it('behind a second Stampede', async () => {
    const client = await serve(stampede(OPTIONS), stampede({ ...OPTIONS, cacheStatus: 'inner' }), async ctx => {
      ctx.body = await buffer(ctx.req)
    })
    expect(await twice(client, LONG)).toEqual([
      'inner; fwd=uri-miss, stampede; fwd=uri-miss',
      'inner; fwd=uri-miss, stampede; hit',
    ])
  })
})

describe('a body that was parsed in front', () => {
  const echo: Middleware = ctx => {
    ctx.body = parsed(ctx).body ?? parsed(ctx).rawBody
  }

  it('is the key as what was made of it', async () => {
    const bodies = parser((ctx, body) => Object.assign(ctx.request, { body: body.toLowerCase() }))
    const client = await serve(bodies, stampede(OPTIONS), echo)
    expect(await twice(client, 'a')).toEqual(['stampede; fwd=uri-miss', 'stampede; hit'])
    expect(await twice(client, 'b')).toEqual(['stampede; fwd=uri-miss', 'stampede; hit'])
  })

  it('is the key with its text where that is kept', async () => {
    const bodies = parser((ctx, body) => Object.assign(ctx.request, { rawBody: body, body: '' }))
    const client = await serve(bodies, stampede(OPTIONS), ctx => {
      ctx.body = parsed(ctx).rawBody
    })
    expect(await twice(client, 'a')).toEqual(['stampede; fwd=uri-miss', 'stampede; hit'])
    expect(await twice(client, 'b')).toEqual(['stampede; fwd=uri-miss', 'stampede; hit'])
  })

  const HIDDEN: Readonly<Record<string, readonly [Middleware, object]>> = {
    'kept elsewhere': [parser((ctx, body) => Object.assign(ctx.state, { body })), {}],
    'with files': [parser((ctx, body) => Object.assign(ctx.request, { body: {}, files: { body } })), {}],
    'of a form with files': [
      parser(ctx => Object.assign(ctx.request, { body: {} })),
      { 'content-type': 'multipart/form-data; boundary=x' },
    ],
    'that is no plain data': [parser((ctx, body) => Object.assign(ctx.request, { body: new Map([[body, 1]]) })), {}],
  }
  for (const [name, [bodies, headers]] of Object.entries(HIDDEN)) {
    it(`${name} makes its request bypass`, async () => {
      const client = await serve(bodies, stampede(OPTIONS), ctx => {
        ctx.body = 'a'
      })
      const bypass = 'stampede; fwd=bypass; detail=body'
      expect(await twice(client, 'a', headers)).toEqual([bypass, bypass])
    })
  }

  it('or is being read makes its request bypass, and loses nothing', async () => {
    const client = await serve(
      async (ctx, next) => {
        const body = text(ctx.req)
        await next()
        ctx.body = await body
      },
      stampede(OPTIONS),
      ctx => {
        ctx.status = 200
      },
    )
    const bypass = 'stampede; fwd=bypass; detail=body'
    expect(await twice(client, LONG)).toEqual([bypass, bypass])
  })
})
