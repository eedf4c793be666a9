import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Gate, Tally, TestClock } from '@stampede/conformance'
import fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stampedePlugin } from '../src/index.ts'
import { listening, TTL } from './listening.ts'
import { warningsOf } from './warnings.ts'

/** A handler that says how often it ran. */
function counting(): () => Promise<string> {
  let runs = 0
  return async () => `run ${(runs += 1)}`
}

async function bodies(app: FastifyInstance, ...targets: string[]): Promise<string[]> {
  const all: string[] = []
  for (const url of targets) all.push((await app.inject(url)).body)
  return all
}

describe('encapsulation', () => {
  it('in a child, the plugin takes the child’s routes alone, and those of its children', async () => {
    const app = fastify()
    await app.register(async child => {
      await child.register(stampedePlugin, { ttl: TTL })
      child.get('/child', counting())
      await child.register(async grandchild => grandchild.get('/grandchild', counting()))
    })
    await app.register(async sibling => sibling.get('/sibling', counting()))
    app.get('/app', counting())
    for (const target of ['/child', '/grandchild'])
      expect(await bodies(app, target, target)).toEqual(['run 1', 'run 1'])
    for (const target of ['/sibling', '/app']) expect(await bodies(app, target, target)).toEqual(['run 1', 'run 2'])
    expect(app).not.toHaveProperty('stampede')
  })

  it('two children have an instance each, with options of its own', async () => {
    const app = fastify()
    for (const [prefix, ttl] of [
      ['/stored', TTL],
      ['/collapsed', 0],
    ] as const) {
      await app.register(
        async child => {
          await child.register(stampedePlugin, { ttl })
          child.get('/page', counting())
        },
        { prefix },
      )
    }
    expect(await bodies(app, '/stored/page', '/stored/page')).toEqual(['run 1', 'run 1'])
    expect(await bodies(app, '/collapsed/page', '/collapsed/page')).toEqual(['run 1', 'run 2'])
  })

  it('leaves alone routes that were added before it, and whatever no route answers', async () => {
    const warnings = warningsOf()
    const app = fastify()
    app.get('/before', counting())
    await app.register(stampedePlugin, { ttl: TTL })
    const missing = counting()
    app.setNotFoundHandler(async (_request, reply) =>
      reply
        .code(404)
        .header('cache-control', 'max-age=60')
        .send(await missing()),
    )
    app.get('/after', counting())
    expect(await bodies(app, '/before', '/before')).toEqual(['run 1', 'run 2'])
    expect(await bodies(app, '/after', '/after')).toEqual(['run 1', 'run 1'])
    expect(await bodies(app, '/none', '/none')).toEqual(['run 1', 'run 2'])
    expect(warnings.map(([code]) => code)).toEqual(['StampedeWarning STAMPEDE_ROUTE_BEFORE_PLUGIN'])
  })

  it('reply.callNotFound() is answered by the app’s own handler, on each request', async () => {
    const app = fastify()
    await app.register(stampedePlugin, { ttl: TTL })
    app.setNotFoundHandler(async (_request, reply) => reply.code(404).send('own 404'))
    app.get('/', (_request, reply) => {
      reply.callNotFound()
    })
    for (let request = 0; request < 2; request += 1)
      expect(await app.inject('/')).toMatchObject({ statusCode: 404, body: 'own 404' })
  })

  it('a child’s own error handler answers its errors', async () => {
    const app = fastify()
    await app.register(stampedePlugin, { errorTtl: TTL })
    const run = counting()
    await app.register(async child => {
      child.setErrorHandler(async (error, _request, reply) =>
        reply.code(503).send(`child: ${(error as Error).message}`),
      )
      child.get('/', async () => Promise.reject(new Error(await run())))
    })
    for (let request = 0; request < 2; request += 1)
      expect(await app.inject('/')).toMatchObject({ statusCode: 503, body: 'child: run 1' })
  })
})

describe('hooks', () => {
  it('that run without Stampede run once on a hit, and in the same order', async () => {
    const traces = await Promise.all([traced(false), traced(true)])
    expect(traces[1]).toEqual(traces[0])
    expect(traces[0]).toContain('onResponse late')
  })

  /** The hooks that a second request passes. */
  async function traced(hasStampede: boolean): Promise<string[]> {
    const app = fastify()
    let trace: string[] = []
    const add = (when: string): void => {
      for (const name of ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'onSend', 'onResponse'])
        app.addHook(name as 'onRequest', async () => {
          trace.push(`${name} ${when}`)
        })
    }
    add('early')
    if (hasStampede) await app.register(stampedePlugin, { ttl: TTL })
    add('late')
    app.get(
      '/',
      {
        preHandler: async () => {
          trace.push('preHandler of the route')
        },
      },
      async () => 'page',
    )
    await app.inject('/')
    trace = []
    await app.inject('/')
    return trace
  }
})

describe('inject, with no server that listens', () => {
  it('collapses, stores, refreshes, and answers conditions, ranges and HEAD', async () => {
    const clock = new TestClock()
    const events = new Tally()
    const gate = new Gate()
    const app = fastify()
    await app.register(stampedePlugin, {
      ttl: 1_000,
      staleWhileRevalidate: 60_000,
      clock,
      onEvent: event => events.add(event.type),
    })
    const run = counting()
    app.get('/', async (_request, reply) => {
      await gate.passed()
      return reply.header('etag', '"v1"').send(await run())
    })
    const waiting: Promise<LightMyRequestResponse>[] = [1, 2, 3].map(async () => app.inject('/'))
    await events.until('follow', 2)
    gate.open()
    expect((await Promise.all(waiting)).map(({ body }) => body)).toEqual(['run 1', 'run 1', 'run 1'])
    expect(await app.inject({ url: '/', headers: { 'if-none-match': '"v1"' } })).toMatchObject({ statusCode: 304 })
    expect(await app.inject({ url: '/', headers: { range: 'bytes=0-2' } })).toMatchObject({
      statusCode: 206,
      body: 'run',
    })
    expect(await app.inject({ url: '/', method: 'HEAD' })).toMatchObject({ statusCode: 200, body: '' })
    clock.advance(2_000)
    expect(await bodies(app, '/')).toEqual(['run 1'])
    await events.until('store', 2)
    expect(await bodies(app, '/')).toEqual(['run 2'])
  })
})

describe('a handler', () => {
  it('that hijacks the reply at once, without a promise, is not shared', async () => {
    const { client, app } = await listening(instance =>
      instance.get('/', (_request, reply) => {
        reply.hijack()
        reply.raw.end('own')
      }),
    )
    for (let request = 0; request < 2; request += 1) expect((await client.fetch('/')).body).toBe('own')
    expect(app.stampede.stats()).toMatchObject({ entries: 0, hits: 0, flights: 0 })
  })

  it('has the route’s config, with options or a plain true or false', async () => {
    const app = fastify()
    await app.register(stampedePlugin)
    const ttl = { ttl: TTL }
    app.get('/on', { config: { stampede: true } }, counting())
    app.get('/ttl', { config: { stampede: ttl } }, counting())
    app.route({ method: ['GET', 'POST'], url: '/many', config: { stampede: ttl }, handler: counting() })
    expect(await bodies(app, '/on', '/on')).toEqual(['run 1', 'run 2'])
    expect(await bodies(app, '/ttl', '/ttl')).toEqual(['run 1', 'run 1'])
    expect(await bodies(app, '/many', '/many')).toEqual(['run 1', 'run 1'])
    expect((await app.inject({ method: 'POST', url: '/many' })).body).toBe('run 2')
  })
})

describe('over HTTP/2', () => {
  it('a leader, a follower, a hit, a condition, a range, a HEAD and a refresh are as over HTTP/1', async () => {
    const clock = new TestClock()
    const events = new Tally()
    const gate = new Gate()
    const app = fastify({ http2: true })
    const options = { ttl: 1_000, staleWhileRevalidate: 60_000, clock }
    await app.register(stampedePlugin, { ...options, onEvent: event => events.add(event.type) })
    const run = counting()
    app.get('/', async (_request, reply) => {
      await gate.passed()
      return reply
        .header('etag', '"v1"')
        .type('text/plain')
        .send(await run())
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
    onTestFinished(async () => {
      session.destroy()
      await app.close()
    })
    const fetch = async (headers: Readonly<Record<string, string>> = {}): Promise<readonly unknown[]> => {
      const stream = session.request({ ':path': '/', ...headers })
      const head = new Promise<Record<string, unknown>>(resolve => stream.once('response', resolve))
      let body = ''
      for await (const chunk of stream) body += String(chunk)
      return [(await head)[':status'], body]
    }
    const waiting = [fetch(), fetch()]
    await events.until('follow', 1)
    gate.open()
    const whole = [200, 'run 1']
    expect(await Promise.all(waiting)).toEqual([whole, whole])
    expect(await fetch()).toEqual(whole)
    expect(await fetch({ 'if-none-match': '"v1"' })).toEqual([304, ''])
    expect(await fetch({ range: 'bytes=0-2' })).toEqual([206, 'run'])
    expect(await fetch({ ':method': 'HEAD' })).toEqual([200, ''])
    clock.advance(2_000)
    expect(await fetch()).toEqual(whole)
    await events.until('store', 2)
    expect(await fetch()).toEqual([200, 'run 2'])
  })
})
