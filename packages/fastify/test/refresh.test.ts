import { Tally, TestClock } from '@stampede/conformance'
import fastify, { type FastifyReply } from 'fastify'
import { expect, it } from 'vitest'
import { stampedePlugin, type StampedePluginOptions } from '../src/index.ts'

const NOT_FOUND: Readonly<Record<string, (reply: FastifyReply) => unknown>> = {
  thrown: () => {
    throw Object.assign(new Error('no such page'), { statusCode: 404 })
  },
  'left to the handler of what is not found': reply => {
    reply.callNotFound()
    return reply
  },
}

it.each(Object.entries(NOT_FOUND))(
  'a refresh that is %s leaves the page to the next request in front',
  async (...way) => {
    const [, say] = way
    const clock = new TestClock()
    const events = new Tally()
    const onEvent: StampedePluginOptions['onEvent'] = event =>
      events.add(event.type === 'backoff' ? event.reason : event.type)
    const app = fastify()
    await app.register(stampedePlugin, { ttl: 1_000, staleWhileRevalidate: 60_000, clock, onEvent })
    let run = 0
    app.get('/', async (_request, reply) => {
      run += 1
      return run === 2 || run > 3 ? say(reply) : `run ${run}`
    })
    await app.inject('/')
    clock.advance(2_000)
    expect((await app.inject('/')).body).toBe('run 1')
    await events.until('not-found', 1)
    expect((await app.inject('/')).body).toBe('run 3')
    clock.advance(2_000)
    expect((await app.inject('/')).body).toBe('run 3')
    await events.until('not-found', 2)
    for (const _ of [1, 2]) expect((await app.inject('/')).statusCode).toBe(404)
  },
)
