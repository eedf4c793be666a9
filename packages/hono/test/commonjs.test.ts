import { createRequire } from 'node:module'
import { Tally, TestClock } from '@stampede/conformance'
import type { Hono as HonoType } from 'hono'
import { expect, it } from 'vitest'
import { stampede } from '../src/index.ts'

it('an app of the CommonJS build has its stale answers refreshed', async () => {
  const { Hono } = createRequire(import.meta.url)('hono') as { readonly Hono: typeof HonoType }
  const [clock, events] = [new TestClock(), new Tally()]
  const app = new Hono()
  const windows = { ttl: 1_000, staleWhileRevalidate: 60_000, clock }
  app.use(stampede({ ...windows, refresh: app, onEvent: event => events.add(event.type) }))
  let runs = 0
  app.get('/', c => c.text(`run ${(runs += 1)}`))
  await app.request('/')
  await events.until('store', 1)
  clock.advance(2_000)
  expect(await (await app.request('/')).text()).toBe('run 1')
  await events.until('store', 2)
  expect(await (await app.request('/')).text()).toBe('run 2')
  expect(events.count('error')).toBe(0)
})
