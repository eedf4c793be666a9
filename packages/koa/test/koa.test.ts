import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { clientOf, Gate, listening, type ServerClient, Tally, TestClock } from '@stampede/conformance'
import Koa, { type Context } from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { type HttpOptions, type KoaStampede, stampede } from '../src/index.ts'

const open: ServerClient[] = []

afterEach(async () => {
  for (const client of open.splice(0)) await client.close()
})

interface App {
  readonly client: ServerClient
  readonly events: Tally
  readonly cached: KoaStampede
}

/** A listening app: what stands in front, Stampede, and the handler. */
async function serve(
  handler: (ctx: Context) => unknown,
  inFront?: Koa.Middleware,
  options: HttpOptions = {},
): Promise<App> {
  const app = new Koa()
  app.silent = true
  const events = new Tally()
  const cached = stampede({ ttl: 60_000, ...options, onEvent: event => events.add(event.type) })
  if (inFront !== undefined) app.use(inFront)
  app.use(cached)
  app.use(async ctx => {
    await handler(ctx)
  })
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listening(server)
  const client = clientOf(server)
  open.push(client)
  return { client, events, cached }
}

async function* failing(): AsyncGenerator<string> {
  yield 'begin'
  throw new Error('source failed')
}

describe('bodies', () => {
  const kinds: Record<string, (ctx: Context) => void> = {
    'a Blob': ctx => {
      ctx.body = new Blob(['body'], { type: 'text/css' })
    },
    'a Response': ctx => {
      ctx.body = new Response('body', { headers: { 'x-own': '1' } })
    },
    'a web stream': ctx => {
      ctx.body = new Blob(['body']).stream()
    },
    'a stream in place of another': ctx => {
      ctx.body = Readable.from(['other'], { objectMode: false })
      ctx.body = Readable.from(['bo', 'dy'], { objectMode: false })
    },
    'a text in place of a stream': ctx => {
      ctx.body = Readable.from(['other'], { objectMode: false })
      ctx.body = 'body'
    },
    'a stream after a failed one': ctx => {
      ctx.body = Readable.from(failing(), { objectMode: false })
      ctx.body = 'body'
    },
    'a buffer without a type': ctx => {
      ctx.body = Buffer.from('body')
      ctx.remove('Content-Type')
    },
  }
  for (const [name, handler] of Object.entries(kinds)) {
    it(`${name}: the same first and again`, async () => {
      const { client, cached } = await serve(handler)
      const first = await client.fetch('/')
      const again = await client.fetch('/')
      expect([first.body, again.body]).toEqual(['body', 'body'])
      expect(again.headers['content-type']).toBe(first.headers['content-type'])
      expect(again.headers['x-own']).toBe(first.headers['x-own'])
      expect(cached.stats()).toMatchObject({ hits: 1, misses: 1, flights: 0 })
    })
  }

  it('none at all is the text that Koa makes of the status', async () => {
    const { client } = await serve(ctx => {
      ctx.status = 201
    })
    for (let request = 0; request < 2; request += 1) {
      expect(await client.fetch('/')).toMatchObject({
        status: 201,
        body: 'Created',
        headers: { 'content-length': '7' },
      })
    }
  })

  it('null is an empty answer', async () => {
    const { client } = await serve(ctx => {
      ctx.body = null
    })
    for (let request = 0; request < 2; request += 1)
      expect(await client.fetch('/')).toMatchObject({ status: 204, body: '' })
  })
})

describe('unshared answers', () => {
  const handlers: Record<string, (ctx: Context, run: number) => void> = {
    'a 404 of Koa’s own': () => {},
    'an answer past Koa': (ctx, run) => {
      ctx.respond = false
      ctx.res.end(`run ${run}`)
    },
    'an error that speaks to one client': ctx => ctx.throw(401),
    'an error that sets a cookie': ctx => ctx.throw(403, 'no', { headers: { 'set-cookie': 'sid=1' } }),
    'an answer whose head is added to as it is written': ctx => {
      const writeHead = ctx.res.writeHead.bind(ctx.res)
      ctx.res.writeHead = (...head: unknown[]) => {
        ctx.res.setHeader('set-cookie', 'sid=1')
        return Reflect.apply(writeHead, ctx.res, head) as typeof ctx.res
      }
      ctx.body = 'page'
    },
  }
  for (const [name, handler] of Object.entries(handlers)) {
    it(`${name}: each runs its own, in parallel`, async () => {
      const gate = new Gate()
      const runs = new Tally()
      const { client, events, cached } = await serve(async ctx => {
        runs.add('run')
        const run = runs.count('run')
        await gate.passed()
        // The second one may be for the others: they run once it was not.
        if (run > 2) await runs.until('run', 4)
        handler(ctx, run)
      })
      const all = Array.from({ length: 4 }, () => client.fetch('/'))
      await events.until('follow', 3)
      gate.open()
      expect(new Set((await Promise.all(all)).map(({ status }) => status)).size).toBe(1)
      expect(runs.count('run')).toBe(4)
      expect(cached.stats()).toMatchObject({ entries: 0, collapsed: 0, flights: 0 })
    })
  }

  it('an answer that middleware in front replaced by an error', async () => {
    const gate = new Gate()
    const { client, events, cached } = await serve(
      async ctx => {
        await gate.passed()
        ctx.body = 'page'
      },
      async (ctx, next) => {
        await next()
        if (ctx.get('x-allowed') === '') throw new Error('in front')
      },
    )
    const leader = client.fetch('/')
    await events.until('lead', 1)
    const follower = client.fetch('/', { headers: { 'x-allowed': '1' } })
    await events.until('follow', 1)
    gate.open()
    expect(await leader).toMatchObject({ status: 500 })
    expect(await follower).toMatchObject({ status: 200, body: 'page' })
    expect(cached.stats().flights).toBe(0)
  })
})

describe('the app', () => {
  it('keeps paths apart that a mount rewrites to one', async () => {
    const { client } = await serve(
      ctx => {
        ctx.body = ctx.originalUrl
      },
      async (ctx, next) => {
        ctx.url = '/mounted'
        await next()
      },
    )
    expect([(await client.fetch('/a')).body, (await client.fetch('/b')).body]).toEqual(['/a', '/b'])
  })

  it('may have the same instance twice in a row', async () => {
    const app = new Koa()
    const cached = stampede({ ttl: 60_000 })
    app.use(cached).use(cached)
    app.use(ctx => {
      ctx.body = 'page'
    })
    const handle = app.callback()
    const server = createServer((request, response) => void handle(request, response))
    await listening(server)
    const client = clientOf(server)
    open.push(client)
    expect((await client.fetch('/')).body).toBe('page')
    expect((await client.fetch('/')).headers['cache-status']).toMatch(/^stampede; hit; ttl=(59|60)$/)
  })

  it('removes for all what the handler removed, and shows text as text to middleware in front', async () => {
    const { client } = await serve(
      ctx => {
        ctx.remove('X-Frame-Options')
        ctx.body = 'page'
      },
      async (ctx, next) => {
        ctx.set('X-Frame-Options', 'DENY')
        await next()
        ctx.body = typeof ctx.body === 'string' ? ctx.body.toUpperCase() : 'no text'
      },
    )
    for (let request = 0; request < 2; request += 1) {
      const reply = await client.fetch('/')
      expect(reply.body).toBe('PAGE')
      expect(reply.headers).not.toHaveProperty('x-frame-options')
    }
  })

  it('gives errors to its own error middleware, for leader and followers', async () => {
    const gate = new Gate()
    let runs = 0
    const { client, events } = await serve(
      async () => {
        runs += 1
        await gate.passed()
        throw new Error('down')
      },
      async (ctx, next) => {
        try {
          await next()
        } catch (error) {
          ctx.status = 502
          ctx.body = { own: (error as Error).message }
        }
      },
    )
    const all = [client.fetch('/'), client.fetch('/')]
    await events.until('follow', 1)
    gate.open()
    for (const reply of await Promise.all(all)) expect(reply).toMatchObject({ status: 502, body: '{"own":"down"}' })
    expect(runs).toBe(2)
  })

  it.each([{ ttl: 0 }, { ttl: 60_000 }])('destroys a stream without readers: %j', async ({ ttl }) => {
    const clock = new TestClock()
    const source = new Readable({ read() {} })
    source.push('first')
    const destroyed = new Tally()
    source.once('close', () => destroyed.add('closed'))
    const head = new Gate()
    const { client, cached } = await serve(
      ctx => {
        ctx.body = source
      },
      undefined,
      { ttl, clock, waitTimeout: 1_000 },
    )
    const controller = new AbortController()
    const reply = client.fetch('/', { signal: controller.signal, onHead: () => head.open() })
    await head.passed()
    controller.abort()
    await expect(reply).rejects.toThrow('abort')
    await client.connections.until('closed', 1)
    // Where it might have been stored, until the deadline.
    clock.advance(1_000)
    await destroyed.until('closed', 1)
    expect(cached.stats().flights).toBe(0)
  })

  it('throws for a wrong option at once', () => {
    expect(() => stampede({ ttl: '5s' } as unknown as HttpOptions)).toThrow('"ttl" got "5s"')
  })
})
