import type { FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { listening, TTL } from './listening.ts'

/** A hook that gives each request headers of another server's making, which Fastify lets it. */
function setting(app: FastifyInstance, names: readonly string[]): void {
  app.addHook('onRequest', async request => {
    const ticket = request.raw.headers['x-ticket']
    if (ticket !== undefined) request.headers = Object.fromEntries(names.map(name => [name, ticket]))
  })
}

describe('headers that a hook sets on the request', () => {
  it.each(['x-tenant', 'X-Tenant'])('are those of the key: %s', async name => {
    const { client } = await listening(
      app => {
        setting(app, [name])
        app.get('/', async ({ headers }) => `for ${headers[name]?.toString()}`)
      },
      { ttl: TTL, vary: ['x-tenant'] },
    )
    const ask = async (ticket: string): Promise<string> =>
      (await client.fetch('/', { headers: { 'x-ticket': ticket } })).body
    expect([await ask('alice'), await ask('bob'), await ask('alice')]).toEqual(['for alice', 'for bob', 'for alice'])
  })

  it('are credentials where their names are', async () => {
    const { client } = await listening(app => {
      setting(app, ['Authorization'])
      app.get('/', async ({ headers }) => `for ${headers['Authorization']?.toString()}`)
    })
    const replies = await Promise.all(
      ['alice', 'bob'].map(ticket => client.fetch('/', { headers: { 'x-ticket': ticket } })),
    )
    expect(replies.map(({ body }) => body)).toEqual(['for alice', 'for bob'])
    expect(replies[0]?.headers['cache-status']).toBe('stampede; fwd=bypass; detail=authorization')
  })

  it('are kept from the handler where conditions are', async () => {
    const seen: unknown[] = []
    const { app, client } = await listening(built => {
      setting(built, ['if-none-match', 'x-other'])
      built.get('/', async ({ headers }, reply) => {
        seen.push([headers['if-none-match'], headers['x-other']])
        return reply.header('etag', '"v"').send('whole')
      })
    })
    await client.fetch('/')
    // What was stored before is asked for whole.
    await app.stampede.clear()
    const { status } = await client.fetch('/', { headers: { 'x-ticket': '"v"' } })
    expect([status, ...seen]).toEqual([304, [undefined, undefined], [undefined, '"v"']])
  })
})
