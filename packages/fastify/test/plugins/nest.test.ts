import 'reflect-metadata'
import { type CanActivate, Controller, type ExecutionContext, Get, Module } from '@nestjs/common'
import { UseGuards, Version, VersioningType, type VersioningOptions } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify'
import fastify from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { stampedePlugin } from '../../src/index.ts'
import { warningsOf } from '../warnings.ts'

const asked: string[] = []

class TenantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { url, headers } = context
      .switchToHttp()
      .getRequest<{ url: string; headers: Readonly<Record<string, string>> }>()
    asked.push(`${url} ${headers['x-tenant']}`)
    return headers['x-tenant'] === 'ours'
  }
}

class Pages {
  page(): string {
    return 'of a tenant'
  }
  parameter(): string {
    return 'of a tenant, with a parameter'
  }
  versioned(): string {
    return 'of a tenant, first version'
  }
  open(): string {
    return 'for everybody'
  }
  shut(): string {
    return 'for nobody'
  }
}

/** `@Get('page')` and the like, without their syntax. */
function decorate(name: keyof Pages, ...decorators: readonly MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(Pages.prototype, name)
  if (descriptor === undefined) throw new Error(name)
  for (const decorator of decorators) decorator(Pages.prototype, name, descriptor)
}

decorate('page', Get('page'))
decorate('parameter', Get('pages/:id'))
decorate('versioned', Get('versioned'), Version('1'))
decorate('open', Get('open'), RouteConfig({ stampede: { ttl: 60_000 } }))
decorate('shut', Get('shut'), RouteConfig({ stampede: false }))
UseGuards(TenantGuard)(Pages)
Controller()(Pages)

class App {
  readonly name = 'of Nest’s'
}
Module({ controllers: [Pages] })(App)

const opened: NestFastifyApplication[] = []

interface Way {
  readonly adapter?: () => FastifyAdapter
  readonly register: (app: NestFastifyApplication) => unknown
  /** Whether it comes before the routes. */
  readonly isBefore: boolean
}

/** Nest brings a Fastify of its own, whose types have none of what plugins here add to those of ours. */
type Plugin = Parameters<NestFastifyApplication['register']>[0]
type Adapter = ConstructorParameters<typeof FastifyAdapter>[0]
const plugin = stampedePlugin as unknown as Plugin
const waits: Way['register'] = app => app.register(plugin, { ttl: 60_000 })
const WAYS: Readonly<Record<string, Way>> = {
  'before app.init': { register: waits, isBefore: true },
  'before app.init, on a Fastify of one’s own': {
    adapter: () => new FastifyAdapter(fastify() as unknown as Adapter) as FastifyAdapter,
    register: waits,
    isBefore: true,
  },
  'before app.init, not waited for': {
    register: app => {
      void waits(app)
    },
    isBefore: false,
  },
  'after app.init': {
    register: async app => {
      await app.init()
      await waits(app)
    },
    isBefore: false,
  },
}

const VERSIONS: Readonly<Record<string, VersioningOptions | undefined>> = {
  'without versions': undefined,
  'with versions in the path': { type: VersioningType.URI, defaultVersion: '1' },
  'with versions in a header': { type: VersioningType.HEADER, header: 'x-version', defaultVersion: '1' },
}

async function started({ adapter, register }: Way, versions: VersioningOptions | undefined): Promise<Started> {
  const app = await NestFactory.create<NestFastifyApplication>(App, adapter?.() ?? new FastifyAdapter(), {
    logger: false,
  })
  opened.push(app)
  app.setGlobalPrefix('api')
  if (versions !== undefined) app.enableVersioning(versions)
  await register(app)
  await app.init()
  await app.getHttpAdapter().getInstance().ready()
  const prefix = versions?.type === VersioningType.URI ? '/api/v1' : '/api'
  return async (path, tenant) => {
    const url = `${prefix}${path}`
    const before = asked.length
    const { statusCode } = await app.inject({ url, headers: { 'x-tenant': tenant, 'x-version': '1' } })
    return { statusCode, isGuarded: asked.slice(before).includes(`${url} ${tenant}`) }
  }
}

type Started = (path: string, tenant: string) => Promise<{ readonly statusCode: number; readonly isGuarded: boolean }>

const GUARDED = ['/page', '/pages/1', '/versioned', '/shut']

afterEach(async () => {
  await Promise.all(opened.splice(0).map(app => app.close()))
})

describe.each(Object.entries(WAYS))('an app of Nest’s, with the plugin registered %s', (_way, way) => {
  // A Fastify of one's own knows no versions in a header of Nest's.
  const isKnown = ([, versions]: [string, VersioningOptions | undefined]): boolean =>
    way.adapter === undefined || versions?.type !== VersioningType.HEADER
  it.each(Object.entries(VERSIONS).filter(isKnown))(
    'runs each guard for each request, %s',
    async (_versions, versions) => {
      warningsOf()
      const ask = await started(way, versions)
      for (const path of [...GUARDED, '/open']) {
        const isOpen = way.isBefore && path === '/open'
        expect(await ask(path, 'ours')).toEqual({ statusCode: 200, isGuarded: true })
        expect(await ask(path, 'ours')).toEqual({ statusCode: 200, isGuarded: !isOpen })
        expect(await ask(path, 'theirs')).toEqual({ statusCode: isOpen ? 200 : 403, isGuarded: !isOpen })
      }
    },
  )
})

describe('the plugin in an app of Nest’s', () => {
  it('says once why no route takes part, and what makes one', async () => {
    const warnings = warningsOf()
    const ask = await started({ register: waits, isBefore: true }, undefined)
    for (const path of [...GUARDED, ...GUARDED]) await ask(path, 'ours')
    expect(warnings).toHaveLength(1)
    const [code, message] = warnings[0] ?? []
    expect(code).toBe('StampedeWarning STAMPEDE_NEST')
    expect(message).toMatch(/a hit would jump over them.*`@RouteConfig\(\{ stampede: true \}\)`/)
  })

  it('names a route that says that it takes part, and was there before the plugin', async () => {
    const warnings = warningsOf()
    const ask = await started({ register: app => void waits(app), isBefore: false }, undefined)
    for (const path of [...GUARDED, '/open', '/open']) await ask(path, 'ours')
    expect(warnings.map(([code]) => code)).toEqual([
      'StampedeWarning STAMPEDE_NEST',
      'StampedeWarning STAMPEDE_ROUTE_BEFORE_PLUGIN',
    ])
  })
})
