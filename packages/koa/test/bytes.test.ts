import { createServer } from 'node:http'
import { clientOf, listening } from '@stampede/conformance'
import Koa from 'koa'
import { expect, it } from 'vitest'
import { stampede } from '../src/index.ts'

it('middleware in front cannot change the bytes of a hit for others', async () => {
  const app = new Koa()
  const seen: string[] = []
  app.use(async (ctx, next) => {
    await next()
    seen.push(String(ctx.body))
    if (seen.length > 1) (ctx.body as Buffer).fill('z')
  })
  app.use(stampede({ ttl: 60_000 }))
  app.use(ctx => {
    ctx.body = Buffer.from('bytes')
  })
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listening(server)
  const client = clientOf(server)
  for (const _ of [1, 2, 3]) await client.fetch('/')
  expect(seen).toEqual(['bytes', 'bytes', 'bytes'])
  await client.close()
})
