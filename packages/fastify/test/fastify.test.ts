import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { clientOf, Gate, type ServerClient, Tally } from '@stampede/conformance'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import byDefault, { stampedePlugin, type StampedePluginOptions } from '../src/index.ts'

const TTL = 60_000
const open: { app: FastifyInstance; client: ServerClient }[] = []

afterEach(async () => {
  for (const { app, client } of open.splice(0)) {
    await client.close()
    await app.close()
  }
})

interface App {
  readonly app: FastifyInstance
  readonly client: ServerClient
  readonly events: Tally
}

/** A listening app with Stampede and the routes that `build` adds. */
async function listening(
  build: (app: FastifyInstance) => unknown,
  options: StampedePluginOptions = { ttl: TTL },
  server: FastifyServerOptions = {},
): Promise<App> {
  const app = fastify(server)
  const events = new Tally()
  await app.register(stampedePlugin, { ...options, onEvent: event => events.add(event.type) })
  await build(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = clientOf(app.server)
  open.push({ app, client })
  return { app, client, events }
}

describe('the plugin', () => {
  it('is the default export too', () => {
    expect(byDefault).toBe(stampedePlugin)
  })

  it('refuses a wrong option when it is registered, and a wrong one of a route when that is added', async () => {
    const wrong = { ttl: -1 }
    await expect(fastify().register(stampedePlugin, wrong).ready()).rejects.toThrow('"ttl" got -1')
    const app = fastify()
    await app.register(stampedePlugin)
    expect(() => app.get('/', { config: { stampede: { ttl: -1 } } }, async () => '')).toThrow(
      '"config.stampede.ttl" got -1',
    )
    await expect(fastify().register(stampedePlugin, { prefix: '/x' }).ready()).resolves.toBeDefined()
  })

  it('takes the options of a route over its own, and leaves out a route that says false', async () => {
    let runs = 0
    const handler = async (): Promise<string> => `run ${(runs += 1)}`
    const { client } = await listening(app => {
      app.get('/stored', { config: { stampede: { ttl: TTL } } }, handler)
      app.get('/out', { config: { stampede: false } }, handler)
      app.get('/collapsed', handler)
    }, {})
    expect([(await client.fetch('/stored')).body, (await client.fetch('/stored')).body]).toEqual(['run 1', 'run 1'])
    expect([(await client.fetch('/out')).body, (await client.fetch('/out')).body]).toEqual(['run 2', 'run 3'])
    expect([(await client.fetch('/collapsed')).body, (await client.fetch('/collapsed')).body]).toEqual([
      'run 4',
      'run 5',
    ])
    expect((await client.fetch('/out')).headers).not.toHaveProperty('cache-status')
  })

  it('reaches routes of other plugins', async () => {
    let runs = 0
    const { client, app } = await listening(instance =>
      instance.register(async child => child.get('/report', async () => `run ${(runs += 1)}`), { prefix: '/v1' }),
    )
    await client.fetch('/v1/report')
    expect((await client.fetch('/v1/report')).body).toBe('run 1')
    app.stampede.clear()
    expect((await client.fetch('/v1/report')).body).toBe('run 2')
  })
})

describe('a hit', () => {
  it('never jumps over the authentication of a route or of the app', async () => {
    const { client } = await listening(app => {
      app.addHook('preHandler', async (request, reply) => {
        if (request.headers['x-app'] === undefined) await reply.code(403).send('app')
      })
      app.get(
        '/',
        {
          preHandler: async (request, reply) => {
            if (request.headers['x-route'] === undefined) await reply.code(403).send('route')
          },
        },
        async () => 'secret',
      )
    })
    expect((await client.fetch('/', { headers: { 'x-app': '1', 'x-route': '1' } })).body).toBe('secret')
    expect(await client.fetch('/')).toMatchObject({ status: 403, body: 'app' })
    expect(await client.fetch('/', { headers: { 'x-app': '1' } })).toMatchObject({ status: 403, body: 'route' })
  })

  it('still runs hooks that change the body: they see the same as without Stampede', async () => {
    const { client } = await listening(app => {
      app.addHook('onSend', async (_request, reply, payload) => {
        reply.header('x-late', 'yes')
        return `<${String(payload)}>`
      })
      app.get('/', async () => 'page')
    })
    for (let request = 0; request < 2; request += 1) {
      expect(await client.fetch('/')).toMatchObject({ body: '<page>', headers: { 'x-late': 'yes' } })
    }
  })

  it('shows hooks the same kind of body as the handler sent', async () => {
    const kinds: string[] = []
    const { client } = await listening(app => {
      app.addHook('onSend', async (_request, _reply, payload) => {
        kinds.push(typeof payload === 'string' ? 'string' : 'other')
      })
      app.get('/', async () => ({ id: 1 }))
    })
    await client.fetch('/')
    await client.fetch('/')
    expect(kinds).toEqual(['string', 'string'])
  })

  it('lacks what the handler removed', async () => {
    const { client } = await listening(app => {
      app.addHook('onRequest', async (_request, reply) => {
        reply.header('x-frame-options', 'DENY')
      })
      app.get('/', async (_request, reply) => reply.removeHeader('x-frame-options').send('page'))
    })
    for (let request = 0; request < 2; request += 1) {
      expect((await client.fetch('/')).headers).not.toHaveProperty('x-frame-options')
    }
  })

  it('belongs to the route that was chosen by its constraints', async () => {
    const { client } = await listening(app => {
      for (const version of ['1.0.0', '2.0.0']) app.get('/', { constraints: { version } }, async () => version)
    })
    const bodies: string[] = []
    for (const version of ['1.0.0', '2.0.0', '1.0.0']) {
      bodies.push((await client.fetch('/', { headers: { 'accept-version': version } })).body)
    }
    expect(bodies).toEqual(['1.0.0', '2.0.0', '1.0.0'])
  })

  it('answers the HEAD route that Fastify makes of a GET', async () => {
    let runs = 0
    const { client } = await listening(app => app.get('/', async () => `run ${(runs += 1)}`))
    const heads = [await client.fetch('/', { method: 'HEAD' }), await client.fetch('/', { method: 'HEAD' })]
    await client.fetch('/')
    heads.push(await client.fetch('/', { method: 'HEAD' }))
    expect(heads.map(({ status, body, headers }) => [status, body, headers['content-length']])).toEqual(
      heads.map(() => [200, '', '5']),
    )
    expect(runs).toBe(2)
  })
})

describe('handlers', () => {
  const kinds: Record<string, (app: FastifyInstance) => unknown> = {
    'that call send': app => app.get('/', (_request, reply) => void reply.send('body')),
    'that call send later': app => app.get('/', (_request, reply) => void setImmediate(() => void reply.send('body'))),
    'that return a value': app => app.get('/', async () => 'body'),
    'that send and return the reply': app => app.get('/', async (_request, reply) => reply.send('body')),
    'that send a Response': app => app.get('/', async () => new Response('body', { headers: { 'x-own': '1' } })),
    'that send a web stream': app => app.get('/', async () => new Response('body').body),
    'that send a stream': app => app.get('/', async () => Readable.from(['bo', 'dy'], { objectMode: false })),
  }
  for (const [name, build] of Object.entries(kinds)) {
    it(`${name} are answered right, first and again`, async () => {
      const { client, app } = await listening(build)
      const first = await client.fetch('/')
      const again = await client.fetch('/')
      expect([first.body, again.body]).toEqual(['body', 'body'])
      expect(again.headers['content-type']).toBe(first.headers['content-type'])
      expect(again.headers['x-own']).toBe(first.headers['x-own'])
      expect(app.stampede.stats()).toMatchObject({ hits: 1, misses: 1, flights: 0 })
    })
  }

  it('without a promise may be promoted', async () => {
    const gate = new Gate()
    const runs = new Tally()
    const { client, events } = await listening(app =>
      app.get('/', (_request, reply) => {
        runs.add('run')
        const isFirst = runs.count('run') === 1
        void gate.passed().then(() => (isFirst ? reply.send(new Error('client went')) : reply.send('body')))
      }),
    )
    const controller = new AbortController()
    const leader = client.fetch('/', { signal: controller.signal })
    await runs.until('run', 1)
    const followers = [client.fetch('/'), client.fetch('/')]
    await events.until('follow', 2)
    controller.abort()
    await expect(leader).rejects.toThrow('abort')
    await client.connections.until('closed', 1)
    gate.open()
    expect((await Promise.all(followers)).map(({ body }) => body)).toEqual(['body', 'body'])
    expect(runs.count('run')).toBe(2)
  })

  it('that hijack the reply are shared with nobody, and hold nobody up', async () => {
    const gate = new Gate()
    const runs = new Tally()
    const { client, events, app } = await listening(instance =>
      instance.get('/', async (_request, reply) => {
        runs.add('run')
        const run = runs.count('run')
        await gate.passed()
        reply.hijack()
        reply.raw.end(`run ${run}`)
      }),
    )
    const all = [client.fetch('/'), client.fetch('/'), client.fetch('/')]
    await events.until('follow', 2)
    gate.open()
    expect(new Set((await Promise.all(all)).map(({ body }) => body)).size).toBe(3)
    expect(app.stampede.stats()).toMatchObject({ entries: 0, flights: 0, collapsed: 0 })
  })

  it.each<[string, (app: FastifyInstance) => unknown]>([
    [
      'by a hook of a route, behind Stampede',
      app =>
        app.addHook('onRoute', route => {
          route.onSend = [route.onSend ?? []].flat().concat(async (_request, reply) => {
            reply.header('set-cookie', 'sid=1')
          })
        }),
    ],
    [
      'as it is written',
      app =>
        app.addHook('onRequest', async (_request, reply) => {
          const writeHead = reply.raw.writeHead.bind(reply.raw)
          reply.raw.writeHead = (...head: unknown[]) => {
            reply.raw.setHeader('set-cookie', 'sid=1')
            return Reflect.apply(writeHead, reply.raw, head)
          }
        }),
    ],
  ])('whose head is added to %s are shared with nobody', async (_name, addTo) => {
    const gate = new Gate()
    let runs = 0
    const { client, events, app } = await listening(instance => {
      addTo(instance)
      instance.get('/', async () => {
        const run = (runs += 1)
        await gate.passed()
        return `run ${run}`
      })
    })
    const all = [client.fetch('/'), client.fetch('/'), client.fetch('/')]
    await events.until('follow', 2)
    gate.open()
    expect(new Set((await Promise.all(all)).map(({ body }) => body)).size).toBe(3)
    expect(app.stampede.stats()).toMatchObject({ entries: 0, collapsed: 0 })
  })

  it('over HTTP/2 finish for the followers of a leader that went', async () => {
    const gate = new Gate()
    const runs = new Tally()
    const events = new Tally()
    const app = fastify({ http2: true })
    await app.register(stampedePlugin, { ttl: TTL, onEvent: event => events.add(event.type) })
    app.get('/', async () => {
      runs.add('run')
      await gate.passed()
      return 'page'
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    const sessions = [connect(`http://127.0.0.1:${port}`), connect(`http://127.0.0.1:${port}`)]
    const [leading, following] = sessions
    const leader = leading?.request({ ':path': '/' })
    leader?.on('error', () => {})
    await runs.until('run', 1)
    const follower = following?.request({ ':path': '/' })
    await events.until('follow', 1)
    const gone = new Promise(resolve => app.server.once('session', resolve))
    leading?.destroy()
    const third = connect(`http://127.0.0.1:${port}`)
    await gone
    gate.open()
    let body = ''
    for await (const chunk of follower ?? []) body += String(chunk)
    expect(body).toBe('page')
    expect(runs.count('run')).toBe(1)
    for (const session of [...sessions, third]) session.destroy()
    await app.close()
  })

  it('that throw are answered by the app’s own error handler, for leader and followers', async () => {
    const gate = new Gate()
    let runs = 0
    const { client, events } = await listening(app => {
      app.setErrorHandler(async (error, _request, reply) => reply.code(502).send({ own: (error as Error).message }))
      app.get('/', async () => {
        runs += 1
        await gate.passed()
        throw new Error('down')
      })
    })
    const all = [client.fetch('/'), client.fetch('/')]
    await events.until('follow', 1)
    gate.open()
    for (const reply of await Promise.all(all)) expect(reply).toMatchObject({ status: 502, body: '{"own":"down"}' })
    expect(runs).toBe(1)
  })
})
