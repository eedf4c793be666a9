import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import byDefault, { stampedePlugin } from '../src/index.ts'
import { listening, TTL } from './listening.ts'

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
    await app.stampede.clear()
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
