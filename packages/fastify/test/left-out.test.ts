import fastify, { type FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { describe, expect, it } from 'vitest'
import { stampedePlugin } from '../src/index.ts'
import { warningsOf } from './warnings.ts'

const page = async (): Promise<string> => 'page'

describe('a route that was there before the plugin', () => {
  it.each(['waited for', 'not waited for'])('is named once, at its first request: the plugin is %s', async way => {
    const warnings = warningsOf()
    const app = fastify()
    app.get('/early/:id', page)
    const registered = app.register(stampedePlugin, { ttl: 60_000 })
    if (way === 'waited for') await registered
    app.get('/late', page)
    await app.ready()
    expect(warnings).toEqual([])
    for (const url of ['/early/1', '/early/2', '/late', '/late']) await app.inject(url)
    await app.inject({ method: 'HEAD', url: '/early/1' })
    const names = way === 'waited for' ? ['/early/:id'] : ['/early/:id', '/late']
    expect(warnings.map(([code]) => code)).toEqual(names.map(() => 'StampedeWarning STAMPEDE_ROUTE_BEFORE_PLUGIN'))
    for (const [index, name] of names.entries())
      expect(warnings[index]?.[1]).toMatch(`the route GET ${name} takes no part: it was registered before the plugin`)
    expect(warnings[0]?.[1]).toContain('`await fastify.register(stampedePlugin)`')
  })

  it('is named in a scope of its own too, which was registered before the plugin', async () => {
    const warnings = warningsOf()
    const app = fastify()
    app.register(async scope => void scope.get('/inside', page), { prefix: '/scope' })
    app.register(fastifyPlugin(async scope => void scope.get('/shared', page)))
    await app.register(stampedePlugin)
    for (const url of ['/scope/inside', '/shared', '/scope/inside', '/shared']) await app.inject(url)
    expect(warnings.map(([, message]) => /GET (\S+)/.exec(message)?.[1])).toEqual(['/scope/inside', '/shared'])
  })
})

describe('no warning is given', () => {
  /** Asks for all of them. */
  async function asked(
    app: FastifyInstance,
    ...asks: readonly (readonly [method: Method, url: string])[]
  ): Promise<void> {
    for (const [method, url] of asks) await app.inject({ method, url })
  }
  type Method = 'DELETE' | 'GET' | 'HEAD' | 'OPTIONS' | 'POST'

  it('of early routes that are to take no part, or whose methods take none', async () => {
    const warnings = warningsOf()
    const app = fastify()
    app.get('/out', { config: { stampede: false } }, page)
    app.post('/form', page)
    // As plugins for CORS do.
    app.options('*', async (_request, reply) => reply.code(204).send())
    await app.register(stampedePlugin)
    await asked(app, ['GET', '/out'], ['HEAD', '/out'], ['POST', '/form'], ['OPTIONS', '/out'], ['OPTIONS', '/none'])
    expect(warnings).toEqual([])
  })

  it('of routes behind the plugin that did not come to their handler, nor of what has no route', async () => {
    const warnings = warningsOf()
    const app = fastify()
    await app.register(stampedePlugin)
    app.addHook('onRequest', async (_request, reply) => reply.code(401).send('no'))
    app.get('/page/:id', page)
    app.all('/all', page)
    app.register(async scope => void scope.get('/', page), { prefix: '/slash' })
    await asked(app, ['GET', '/page/1'], ['HEAD', '/page/1'], ['GET', '/all'], ['GET', '/slash'], ['GET', '/slash/'])
    await asked(app, ['GET', '/none'], ['DELETE', '/none'], ['GET', '/page/%zz'])
    expect(warnings).toEqual([])
  })

  it('of routes outside the scope that the plugin is for', async () => {
    const warnings = warningsOf()
    const app = fastify()
    app.get('/root', page)
    app.register(async scope => void scope.get('/other', page))
    app.register(async scope => {
      await scope.register(stampedePlugin)
      scope.get('/inside', page)
    })
    app.register(fastifyPlugin(async scope => void scope.get('/shared', page)))
    await asked(app, ['GET', '/root'], ['GET', '/other'], ['GET', '/shared'], ['GET', '/inside'], ['GET', '/none'])
    expect(warnings).toEqual([])
  })
})
