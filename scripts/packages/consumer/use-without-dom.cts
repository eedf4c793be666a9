// As use.ts, in a CommonJS module of a backend whose compiler knows no DOM. Only compiled, never run.
import { Stampede, type StampedeOptions } from '@stampede/core'
import { type HttpEvent, HttpStampede } from '@stampede/core/http'
import { stampedePlugin } from '@stampede/fastify'
import { stampede } from '@stampede/koa'
import fastify = require('fastify')
import Koa = require('koa')

const options: StampedeOptions = { ttl: 1000 }
export const value: Promise<number> = new Stampede(options).get('k', ({ key }) => key.length)
export const core: HttpStampede = new HttpStampede({ onEvent: (event: HttpEvent) => event.target })
export const app: PromiseLike<unknown> = fastify.default().register(stampedePlugin, { ttl: 1000 })
export const koa: Koa = new Koa().use(stampede({ ttl: 1000 }))
