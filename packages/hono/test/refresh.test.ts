import { rawBytes, Tally, TestClock } from '@stampede/conformance'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { stampede, type StampedeOptions } from '../src/index.ts'
import { served } from './served.ts'

interface Env {
  readonly Bindings: { readonly by?: string }
}

type App = Hono<Env>

interface Setting {
  readonly app: App
  /** Asks, lets the answer go stale, asks again, and waits for the refresh. Resolves with what is stored then. */
  readonly refreshed: () => Promise<string>
}

/** An app whose answers name the refresh that they are of. */
function setting(refreshOf: (app: App) => StampedeOptions['refresh']): Setting {
  const clock = new TestClock()
  const events = new Tally()
  const app = new Hono<Env>()
  const refresh = refreshOf(app)
  const onEvent: StampedeOptions['onEvent'] = event => events.add(event.type)
  app.use(stampede({ ttl: 1_000, staleWhileRevalidate: 60_000, clock, refresh, onEvent }))
  const asked = async (): Promise<string> => (await app.request('/', {}, { by: 'client' })).text()
  const refreshed = async (): Promise<string> => {
    app.get('/', c => c.text(String(c.env.by)))
    await asked()
    clock.advance(2_000)
    await asked()
    await events.until('store', 2)
    expect(events.count('refresh')).toBe(1)
    return asked()
  }
  return { app, refreshed }
}

describe('the option refresh', () => {
  it('takes the app, whose routes come later', async () => {
    expect(await setting(app => app).refreshed()).toBe('client')
  })

  it('takes a function', async () => {
    const { refreshed } = setting(app => request => app.fetch(request, { by: 'function' }))
    expect(await refreshed()).toBe('function')
  })

  it('takes whatever has a fetch, which is called as its method, and as it is at that moment', async () => {
    interface Way {
      readonly by: string
      fetch(request: Request): Response | Promise<Response>
    }
    const way: Way = { by: 'way', fetch: () => new Response('too early') }
    const { app, refreshed } = setting(() => way)
    way.fetch = function (this: Way, request) {
      return app.fetch(request, { by: this.by })
    }
    expect(await refreshed()).toBe('way')
  })

  it('is not asked for what came without a Host field, or with two hosts: no request of its own can say so', async () => {
    const clock = new TestClock()
    const events = new Tally()
    const app = new Hono()
    const onEvent: StampedeOptions['onEvent'] = event => events.add(event.type)
    app.use(stampede({ ttl: 1_000, staleWhileRevalidate: 60_000, clock, refresh: app, onEvent }))
    app.get('*', c => c.text(c.req.header('host') ?? 'none'))
    const { port } = await served(app)
    const asks = ['GET http://a/ HTTP/1.0\r\n\r\n', 'GET http://a/ HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n']
    const answers: string[] = []
    for (const ask of [...asks, ...asks]) {
      answers.push((await rawBytes(port, ask)).toString().split('\r\n\r\n')[1] ?? '')
      clock.advance(2_000)
    }
    expect(answers).toEqual(['none', 'b', 'none', 'b'])
    expect([events.count('refresh'), events.count('lead'), events.count('error')]).toEqual([0, 4, 0])
  })

  it.each([null, 'app', 1, {}, { fetch: 'no' }])('refuses %j, and says what it takes', refresh => {
    const given = { refresh } as unknown as StampedeOptions
    expect(() => stampede(given)).toThrow(
      /"refresh".*the app, or a function \(request, env, executionCtx\) => Response/,
    )
  })
})
