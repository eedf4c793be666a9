import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { clientOf, listening, type ServerClient } from '@stampede/conformance'
import { type Context, Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { stampede } from '../src/index.ts'

const open: ServerClient[] = []
afterEach(async () => {
  for (const client of open.splice(0)) await client.close()
})

async function serve(give: (c: Context, ticket: string) => void): Promise<ServerClient> {
  const app = new Hono<{ Bindings: { readonly incoming: { readonly headers: Record<string, string> } } }>()
  app.use(async (c, next) => {
    const ticket = c.env.incoming.headers['x-ticket']
    if (ticket !== undefined) give(c, ticket)
    await next()
  })
  app.use(stampede({ ttl: 60_000 }))
  app.get('*', c => c.text(`for ${c.req.header('authorization')}`, 200, { 'cache-status': 'origin; hit' }))
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await listening(server)
  const client = clientOf(server)
  open.push(client)
  return client
}

const ways: Readonly<Record<string, (c: Context, ticket: string) => void>> = {
  'an object made of it': (c, authorization) => {
    c.req.raw = Object.create(c.req.raw, { headers: { value: new Headers({ authorization }) } }) as Request
  },
  'another that stands for it': (c, authorization) => {
    c.req.raw = new Proxy(c.req.raw, {
      get: (raw, name): unknown => (name === 'headers' ? new Headers({ authorization }) : Reflect.get(raw, name, raw)),
    })
  },
  'a property of it': (c, authorization) => {
    Object.defineProperty(c.req.raw, 'headers', { value: new Headers({ authorization }) })
  },
  'a method of its own': (c, authorization) => {
    Object.defineProperty(c.req, 'header', {
      value: (name: string) => (name === 'authorization' ? authorization : undefined),
    })
  },
}

describe('a request whose fields middleware in front has replaced', () => {
  it.each(Object.keys(ways))('by %s counts with those', async way => {
    const client = await serve(ways[way] ?? (() => {}))
    for (const _ of [1, 2]) await client.fetch('/other')
    const bodies: string[] = []
    for (const ticket of ['alice', 'bob']) {
      const { body, headers } = await client.fetch('/', { headers: { 'x-ticket': ticket } })
      bodies.push(body)
      expect(headers['cache-status']).toContain('fwd=bypass; detail=authorization')
    }
    expect(bodies).toEqual(['for alice', 'for bob'])
    expect((await client.fetch('/')).body).toBe('for undefined')
  })
})

it('a hit keeps what the handler said of caches behind it', async () => {
  const client = await serve(() => {})
  for (const status of ['fwd=uri-miss', 'hit; ttl=']) {
    const { headers } = await client.fetch('/')
    expect(headers['cache-status']).toMatch(`origin; hit, stampede; ${status}`)
  }
})
