import { startFastify } from './fastify.ts'
import { startHono } from './hono.ts'
import { startKoa } from './koa.ts'
import type { Start } from './start.ts'

export const frameworks: readonly { readonly name: string; readonly start: Start }[] = [
  { name: 'Fastify', start: startFastify },
  { name: 'Hono', start: startHono },
  { name: 'Koa', start: startKoa },
]
