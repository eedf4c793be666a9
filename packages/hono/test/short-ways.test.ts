import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
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

  it('is told by all lines of a field that came twice, where Node keeps the first alone', async () => {
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

describe('a hit on Node', () => {
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
  it('is told behind what the handler says of other caches', async () => {
    const { client } = await serve(
      c => c.text('body', 200, { 'Cache-Status': 'origin; hit' }),
      (_, next) => next(),
    )
    const { headers } = await client.fetch('/', { headers: { cookie: 'a=1' } })
    expect(headers['cache-status']).toBe('origin; hit, stampede; fwd=bypass; detail=cookie')
  })
})
