import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { clientOf, listening, type ServerClient, Source } from '@stampede/conformance'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { type KoaStampede, stampede } from '../src/index.ts'

const open: ServerClient[] = []

afterEach(async () => {
  for (const client of open.splice(0)) await client.close()
})

interface App {
  readonly source: Source
  readonly cached: KoaStampede
  readonly client: ServerClient
}

/** An app that answers with a streaming body, which middleware in front replaces on request. */
async function streaming(): Promise<App> {
  const source = new Source()
  const app = new Koa()
  app.silent = true
  const cached = stampede()
  app.use(async (ctx, next) => {
    await next()
    if (ctx.get('x-replaced') !== '') ctx.body = 'other'
  })
  app.use(cached)
  app.use(ctx => {
    ctx.body = Readable.from(source.body.chunks, { objectMode: false })
  })
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listening(server)
  const client = clientOf(server)
  open.push(client)
  return { source, cached, client }
}

describe('a body on its way', () => {
  const replaced = { headers: { 'x-replaced': '1' } }

  it('is not held by a leader to whom middleware in front sends something else', async () => {
    const { source, cached, client } = await streaming()
    source.give('first ')
    expect(await client.fetch('/', replaced)).toMatchObject({ body: 'other' })
    await source.seen.until('closed', 1)
    expect(cached.stats()).toMatchObject({ bytes: 0, flights: 0 })
  })

  it('is not held by a follower to whom middleware in front sends something else', async () => {
    const { source, cached, client } = await streaming()
    source.give('first ')
    const leader = await client.open('/')
    expect(await client.fetch('/', replaced)).toMatchObject({ body: 'other' })
    expect([cached.stats().collapsed, source.seen.count('closed')]).toEqual([1, 0])
    leader.close()
    await source.seen.until('closed', 1)
    expect(cached.stats()).toMatchObject({ bytes: 0, flights: 0 })
  })
})
