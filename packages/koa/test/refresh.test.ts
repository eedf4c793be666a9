import { FakeFleet, Tally, TestClock } from '@stampede/conformance'
import Koa from 'koa'
import { expect, it } from 'vitest'
import { type HttpOptions, stampede } from '../src/index.ts'
import { served } from './served.ts'

it.each(['of its own', 'in a fleet'])(
  'a page that is thrown as not found is left to a request in front: %s',
  async way => {
    const clock = new TestClock()
    const events = new Tally()
    const onEvent: HttpOptions['onEvent'] = event => events.add(event.type === 'backoff' ? event.reason : event.type)
    const store = way === 'in a fleet' ? new FakeFleet({ clock }).store() : undefined
    const app = new Koa()
    app.use(stampede({ ttl: 1_000, staleWhileRevalidate: 60_000, clock, store, onEvent }))
    let run = 0
    app.use(ctx => {
      run += 1
      if (run === 2 || run > 3) ctx.throw(404)
      ctx.body = `run ${run}`
    })
    const { fetch } = await served(app)
    await fetch('/')
    clock.advance(2_000)
    expect((await fetch('/')).body).toBe('run 1')
    await events.until('not-found', 1)
    expect((await fetch('/')).body).toBe('run 3')
    clock.advance(2_000)
    expect((await fetch('/')).body).toBe('run 3')
    await events.until('not-found', 2)
    for (const _ of [1, 2]) expect((await fetch('/')).status).toBe(404)
  },
)
