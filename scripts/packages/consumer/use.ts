// What a user's compiler sees of the packed packages. Only compiled, never run.
import { type Fetch, OptionError, Stampede, type StampedeOptions, TimeoutError } from '@stampede/core'
import { type HttpEvent, HttpStampede, type RequestView } from '@stampede/core/http'
import { stampedePlugin } from '@stampede/fastify'
import { stampede as honoStampede } from '@stampede/hono'
import { stampede as koaStampede } from '@stampede/koa'
import { type RedisDriver, redisStore } from '@stampede/redis'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'

const options: StampedeOptions = { ttl: 1000, maxEntries: 10 }
const cache = new Stampede(options)
const load: Fetch<number> = ({ key, signal }) => (signal.aborted ? 0 : key.length)
export const value: Promise<number> = cache.get('k', load, { ttl: 5 })
export const errors: readonly unknown[] = [OptionError, TimeoutError]
// @ts-expect-error: no such option
export const wrong: unknown = new Stampede({ ttl: 1000, maxEntrys: 10 })

const driver: RedisDriver = { ready: () => true, call: () => Promise.resolve(null) }
export const fleet = new Stampede({ ttl: 1000, store: redisStore({ driver, leaseTtl: 500, secret: ['new', 'old'] }) })
// @ts-expect-error: no such option
export const wrongStore: unknown = redisStore({ driver, lease: 500 })

const seen = (event: HttpEvent): string => event.target
export const core = new HttpStampede({ onEvent: seen, key: (view: RequestView) => view.target })

const app = fastify()
await app.register(stampedePlugin, { ttl: 1000 })
app.get('/', { config: { stampede: { ttl: 10 } } }, () => 'page')
export const hits: number = app.stampede.stats().hits

const cached = honoStampede({ ttl: 1000, match: '/' })
export const hono = new Hono().use(cached).get('/', c => c.json(cached.stats()))

const collapse = koaStampede({ ttl: 1000 })
export const koa = new Koa().use(collapse).use(ctx => {
  ctx.body = collapse.stats()
})
