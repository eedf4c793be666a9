import { rawBytes, Tally, TestClock } from '@stampede/conformance'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
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

/** Where Stampede stands, and what stands there where no route does. */
const WRONG: Readonly<Record<string, (app: Hono, sub: Hono, options: StampedeOptions) => unknown>> = {
  'the sub-app': (_app, sub, options) => sub.use(stampede(options)),
  'a path of the sub-app': (_app, sub, options) => sub.use('/page', stampede(options)),
  'the app': (app, _sub, options) => app.use(stampede(options)),
  'a sub-app that throws where it has no route': (_app, sub, options) => sub.use(stampede(options)),
}

describe('a sub-app that is mounted by route, as the option refresh', () => {
  it.each(Object.entries(WRONG))('never takes the page away: behind %s', async (where, use) => {
    const clock = new TestClock()
    const events = new Tally()
    const reasons = new Set<string>()
    const onEvent: StampedeOptions['onEvent'] = event => {
      events.add(event.type)
      if (event.type === 'backoff') reasons.add(event.reason)
    }
    const [app, sub] = [new Hono(), new Hono()]
    use(app, sub, { ttl: 1_000, errorTtl: 1_000, staleWhileRevalidate: 60_000, clock, refresh: sub, onEvent })
    let run = 0
    sub.get('/page', c => c.text(`run ${(run += 1)}`))
    if (where.includes('throws'))
      sub.all('*', () => {
        throw new HTTPException(404)
      })
    app.route('/api', sub)
    const ask = async (): Promise<string> => (await app.request('/api/page')).text()
    for (const count of [1, 2, 3]) {
      expect(await ask()).toBe(`run ${count}`)
      clock.advance(2_000)
      expect(await ask()).toBe(`run ${count}`)
      await events.until('backoff', count)
    }
    const isReceived = !['a path of the sub-app', 'the app'].includes(where)
    expect([...reasons]).toEqual([isReceived ? 'not-found' : 'not-received'])
  })
})
