import { createServer } from 'node:http'
import cors from '@koa/cors'
import { clientOf, Gate, listening, Tally } from '@stampede/conformance'
import Koa from 'koa'
import { expect, it, onTestFinished } from 'vitest'
import { stampede } from '../../src/index.ts'

it.each([
  ['in front of', 1],
  ['behind', 4],
])('an error that many wait for has what @koa/cors %s Stampede says to each one’s own origin', async (place, count) => {
  const gate = new Gate()
  const events = new Tally()
  const app = new Koa()
  app.silent = true
  const cached = stampede({ onEvent: event => events.add(event.type) })
  const own = cors({ credentials: true })
  for (const each of place === 'behind' ? [cached, own] : [own, cached]) app.use(each)
  app.use(async ctx => {
    events.add('run')
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
  expect(events.count('run')).toBe(count)
})
