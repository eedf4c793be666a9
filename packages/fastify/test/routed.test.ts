import { FakeFleet, Gate, TestClock } from '@stampede/conformance'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stampedePlugin, type StampedePluginOptions } from '../src/index.ts'
import { listening, TTL } from './listening.ts'

/** By a header, as an app distinguishes phones, plans or tenants. */
const server: FastifyServerOptions = {
  rewriteUrl: ({ headers, url = '' }) => (headers['x-as'] === 'phone' ? `/m${url}` : url),
}
const phone = { headers: { 'x-as': 'phone' } }

/** Routes of one URL, constrained by a header to what `values` has at that place. */
async function constrained(
  values: readonly unknown[],
  options: StampedePluginOptions,
): Promise<{ readonly app: FastifyInstance; readonly get: (at: number) => Promise<string>; readonly runs: string[] }> {
  const app = fastify()
  app.addConstraintStrategy({
    name: 'plan',
    storage() {
      const handlers = new Map<unknown, never>()
      return {
        get: value => handlers.get(value) ?? null,
        set: (value, handler) => void handlers.set(value, handler as never),
      }
    },
    validate: () => {},
    deriveConstraint: request => values[Number(request.headers['x-plan'])],
  })
  await app.register(stampedePlugin, options)
  const runs: string[] = []
  values.forEach((plan, at) => {
    app.get('/p', { constraints: { plan } }, async () => {
      runs.push(`plan ${at}`)
      return `plan ${at}`
    })
  })
  onTestFinished(() => app.close())
  return { app, runs, get: async at => (await app.inject({ url: '/p', headers: { 'x-plan': `${at}` } })).body }
}

describe('a page that rewriteUrl has chosen', () => {
  it('is shared with no other request, concurrently and stored', async () => {
    const gate = new Gate()
    const { client, app } = await listening(
      one => {
        one.get('/p', async () => gate.passed().then(() => 'desk'))
        one.get('/m/p', async () => gate.passed().then(() => 'phone'))
      },
      { ttl: TTL, key: () => 'one' },
      server,
    )
    const both = [client.fetch('/p', phone), client.fetch('/p')]
    gate.open()
    expect((await Promise.all(both)).map(({ body }) => body)).toEqual(['phone', 'desk'])
    for (const _ of [1, 2]) {
      expect((await client.fetch('/p', phone)).body).toBe('phone')
      expect((await client.fetch('/p')).body).toBe('desk')
    }
    expect(app.stampede.stats()).toMatchObject({ misses: 2, hits: 4 })
  })

  it('differs from others if a hook rewrites the URL, which is too late for the choice', async () => {
    const { client } = await listening(app => {
      app.addHook('onRequest', async request => {
        request.raw.url = request.raw.url?.replace(/^\/v\d/, '')
      })
      for (const version of ['v1', 'v2']) app.get(`/${version}/users`, async () => version)
    })
    const bodies: string[] = []
    for (const target of ['/v1/users', '/v2/users', '/v1/users']) bodies.push((await client.fetch(target)).body)
    expect(bodies).toEqual(['v1', 'v2', 'v1'])
  })
})

describe('a route that is constrained', () => {
  it.each([
    ['symbols', [Symbol('a'), Symbol('a')]],
    ['objects', [{ plan: 'a' }, { plan: 'b' }]],
    ['functions', [() => 1, () => 1]],
    ['a number and its text', [1, '1']],
  ])('to %s answers for itself alone, and where no text shows that, stays out of the store', async (_, values) => {
    const clock = new TestClock()
    const fleet = new FakeFleet({ clock })
    const reasons: string[] = []
    const onEvent: StampedePluginOptions['onEvent'] = event => {
      if (event.type === 'degrade') reasons.push(event.reason)
    }
    const first = await constrained(values, { ttl: TTL, clock, store: fleet.store(), onEvent })
    expect([await first.get(0), await first.get(1), await first.get(0)]).toEqual(['plan 0', 'plan 1', 'plan 0'])
    expect(first.runs).toEqual(['plan 0', 'plan 1'])
    const other = await constrained(values.toReversed(), { ttl: TTL, clock, store: fleet.store() })
    const isShared = typeof values[1] === 'string'
    const bodies = [await other.get(0), await other.get(1)]
    expect(bodies).toEqual(isShared ? ['plan 1', 'plan 0'] : ['plan 0', 'plan 1'])
    expect(reasons.length > 0).toBe(!isShared)
  })

  it('is refreshed in front: no handler of another version runs for it', async () => {
    const clock = new TestClock()
    const runs: string[] = []
    const app = fastify()
    await app.register(stampedePlugin, { ttl: 1_000, staleWhileRevalidate: 60_000, clock })
    for (const version of ['1.0.0', '2.0.0'])
      app.get('/', { constraints: { version } }, async () => runs.push(version).toString())
    const get = async (): Promise<string> =>
      (await app.inject({ url: '/', headers: { 'accept-version': '1.0.0' } })).body
    expect(await get()).toBe('1')
    clock.advance(2_000)
    expect(await get()).toBe('2')
    expect(runs).toEqual(['1.0.0', '1.0.0'])
    await app.close()
  })
})
