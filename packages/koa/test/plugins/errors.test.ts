import { createServer } from 'node:http'
import cors from '@koa/cors'
import { clientOf, Gate, listening, Tally } from '@stampede/conformance'
import Koa from 'koa'
import { expect, it, onTestFinished } from 'vitest'
import { stampede } from '../../src/index.ts'

it('an error that many get has the headers of each one’s own middleware, and of nobody else’s', async () => {
  const gate = new Gate()
  const events = new Tally()
  const app = new Koa()
  app.silent = true
  app.use(cors({ credentials: true }))
  app.use(stampede({ onEvent: event => events.add(event.type) }))
  app.use(async ctx => {
    await gate.passed()
    ctx.throw(503, 'down', { headers: { 'retry-after': '1' } })
  })
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listening(server)
  const client = clientOf(server)
  onTestFinished(client.close)
  const origins = ['a', 'b', 'c', 'd'].map(name => `https://${name}.example`)
  const all = origins.map(origin => client.fetch('/', { headers: { origin } }))
  await events.until('follow', 3)
  gate.open()
  const replies = await Promise.all(all)
  expect(replies.map(({ headers }) => [headers['access-control-allow-origin'], headers['retry-after']])).toEqual(
    origins.map(origin => [origin, '1']),
  )
})
