import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ServerClient } from '@stampede/conformance'
import Koa, { type Middleware } from 'koa'
import conditional from 'koa-conditional-get'
import etag from '@koa/etag'
import { expect, it } from 'vitest'
import { stampede } from '../../src/index.ts'
import { served } from '../served.ts'

const FILE = fileURLToPath(import.meta.url)
const tags = etag()

/** An app that sends a file, behind such middleware. */
async function serve(...middleware: Middleware[]): Promise<ServerClient> {
  const app = new Koa()
  for (const each of middleware) app.use(each)
  app.use(ctx => {
    ctx.type = 'text/plain'
    ctx.body = createReadStream(FILE)
  })
  return served(app)
}

it('the tag that @koa/etag makes of a file is the same as without Stampede', async () => {
  const bare = await serve(conditional(), tags)
  const { headers, body } = await bare.fetch('/')
  expect(headers.etag).toMatch(/^W\//)
  const behind = await serve(stampede({ ttl: 60_000 }), conditional(), tags)
  for (let request = 0; request < 2; request += 1)
    expect(await behind.fetch('/')).toMatchObject({ body, headers: { etag: headers.etag } })
  expect(await behind.fetch('/', { headers: { 'if-none-match': headers.etag } })).toMatchObject({ status: 304 })
  const inFront = await serve(conditional(), tags, stampede({ ttl: 60_000 }))
  expect(await inFront.fetch('/')).toMatchObject({ body, headers: { etag: headers.etag } })
})
