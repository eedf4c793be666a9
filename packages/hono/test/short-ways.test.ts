import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, getRequestListener } from '@hono/node-server'
import { clientOf, listening, type ServerClient, TestClock } from '@stampede/conformance'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { stampede, type StampedeOptions } from '../src/index.ts'

const open: ServerClient[] = []

afterEach(async () => {
  for (const client of open.splice(0)) await client.close()
})

interface App {
  readonly client: ServerClient
  readonly port: number
}

async function serve(
  handler: (c: Context) => Response | Promise<Response>,
  inFront: MiddlewareHandler,
  options: StampedeOptions = {},
): Promise<App> {
  const app = new Hono()
  app.use(inFront)
  app.use(stampede({ ttl: 60_000, clock: new TestClock(), ...options }))
  app.get('*', handler)
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await listening(server)
  const client = clientOf(server)
  open.push(client)
  return { client, port: (server.address() as AddressInfo).port }
}

describe('a request on Node', () => {
  it('has the fields that middleware in front gives to it', async () => {
    let runs = 0
    const { client } = await serve(
      c => c.text(`${c.req.header('authorization')} ${(runs += 1)}`),
      (c, next) => {
        c.req.raw.headers.set('authorization', 'from the front')
        return next()
      },
    )
    expect((await client.fetch('/')).body).toBe('from the front 1')
    const second = await client.fetch('/')
    expect([second.body, second.headers['cache-status']]).toEqual([
      'from the front 2',
      'stampede; fwd=bypass; detail=authorization',
    ])
  })

  it('shows all lines of a repeated field, of which Node keeps only the first', async () => {
    const { port } = await serve(
      c => c.text(c.req.header('user-agent') ?? '', 200, { Vary: 'User-Agent' }),
      (_, next) => next(),
    )
    const ask = (...agents: readonly string[]): Promise<string> =>
      new Promise((resolve, reject) => {
        const lines = ['GET / HTTP/1.1', 'Host: a', 'Connection: close', ...agents.map(agent => `User-Agent: ${agent}`)]
        let text = ''
        const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
        socket.on('data', data => {
          text += data.toString()
        })
        socket.on('end', () => resolve(text.slice(text.indexOf('\r\n\r\n') + 4)))
        socket.on('error', reject)
      })
    expect(await ask('one', 'two')).toContain('one, two')
    expect(await ask('one')).not.toContain('two')
  })
})

describe('a request whose fields were changed before the server got it', () => {
  const ask = async (change: (headers: IncomingHttpHeaders) => void, name: string): Promise<unknown[]> => {
    const app = new Hono()
    app.use(stampede({ ttl: 60_000, clock: new TestClock(), vary: [name, 'constructor'] }))
    app.get('*', c => c.text(`for ${c.req.header(name)}`, 200, { vary: name }))
    const listener = getRequestListener(app.fetch)
    const server = createServer((request, response) => {
      if (request.headers['x-changed'] !== undefined) change(request.headers)
      void listener(request, response)
    })
    await listening(server)
    const client = clientOf(server)
    open.push(client)
    await client.fetch('/', { headers: { [name]: 'alice', 'x-other': '1' } })
    const changed = await client.fetch('/', { headers: { [name]: 'alice', 'x-changed': '1' } })
    const again = await client.fetch('/', { headers: { [name]: 'alice', 'x-other': '1' } })
    const bob = await client.fetch('/', { headers: { [name]: 'bob', 'x-other': '1' } })
    return [changed.body, again.body, again.headers['cache-status'], bob.body]
  }
  const SAME = ['for alice', 'stampede; hit; ttl=60', 'for bob']

  it.each(['x-user', 'user-agent'])('counts with what the handler sees: %s has another value', async name => {
    const seen = await ask(headers => {
      headers[name] = 'bob'
    }, name)
    // The server reads some of its fields as they were sent, and others as Node has them.
    expect(seen).toEqual([name === 'x-user' ? 'for bob' : 'for alice', ...SAME])
  })

  it('counts with what the handler sees: it is gone', async () => {
    const seen = await ask(headers => {
      delete headers['x-user']
    }, 'x-user')
    expect(seen).toEqual(['for undefined', ...SAME])
  })
})

describe('a hit on Node', () => {
  it('has the head of its own moment, and what middleware in front adds for others is not there', async () => {
    const clock = new TestClock()
    const { client } = await serve(
      () => new Response('a', { headers: { 'content-type': 'text/plain' } }),
      async (c, next) => {
        await next()
        if (c.req.header('x-more') !== undefined) c.res.headers.set('x-own', '1')
      },
      { clock },
    )
    await client.fetch('/')
    const heads: unknown[] = []
    for (const headers of [{}, { 'x-more': '1' }, {}]) {
      const { headers: head } = await client.fetch('/', { headers })
      heads.push([head.age, head['cache-status'], head['x-own']])
      clock.advance(500)
    }
    expect(heads).toEqual([
      ['0', 'stampede; hit; ttl=60', undefined],
      ['0', 'stampede; hit; ttl=59', '1'],
      ['1', 'stampede; hit; ttl=59', undefined],
    ])
  })

  it('keeps what middleware in front has set, before and after', async () => {
    const { client } = await serve(
      // A raw Response would take off what was set before.
      c => c.body(new Uint8Array([97]), 200, { 'content-type': 'text/plain' }),
      async (c, next) => {
        c.header('x-before', '1')
        await next()
        c.header('x-after', '2')
      },
    )
    await client.fetch('/')
    const { headers, body } = await client.fetch('/')
    expect(headers).toMatchObject({ 'x-before': '1', 'x-after': '2', 'content-length': '1' })
    expect([body, headers['cache-status']]).toEqual(['a', 'stampede; hit; ttl=60'])
  })

  it('hands out bytes that middleware in front cannot change for others', async () => {
    const { client } = await serve(
      () => new Response(new Uint8Array([97, 98]), { headers: { 'content-type': 'text/plain' } }),
      async (c, next) => {
        await next()
        if (c.req.query('changed') === undefined) return
        const changed = c.res.clone()
        new Uint8Array(await changed.clone().arrayBuffer()).fill(122)
        const reader = changed.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
        const chunk = await reader?.read()
        chunk?.value?.fill(122)
      },
      { query: [] },
    )
    for (const target of ['/', '/?changed', '/?changed']) await client.fetch(target)
    expect((await client.fetch('/')).body).toBe('ab')
  })
})

describe('a bypass', () => {
  it('follows the handler’s own members for other caches', async () => {
    const { client } = await serve(
      c => c.text('body', 200, { 'Cache-Status': 'origin; hit' }),
      (_, next) => next(),
    )
    const { headers } = await client.fetch('/', { headers: { cookie: 'a=1' } })
    expect(headers['cache-status']).toBe('origin; hit, stampede; fwd=bypass; detail=cookie')
  })

  it('adds nothing to the header object that a handler gives to all of its answers', async () => {
    const own = { 'content-type': 'text/plain' }
    const { client } = await serve(
      () => new Response('a', { headers: own }),
      (_, next) => next(),
    )
    for (const _ of [1, 2]) {
      const { headers } = await client.fetch('/', { headers: { cookie: 'a=1' } })
      expect(headers['cache-status']).toBe('stampede; fwd=bypass; detail=cookie')
    }
    expect(own).toEqual({ 'content-type': 'text/plain' })
  })
})
