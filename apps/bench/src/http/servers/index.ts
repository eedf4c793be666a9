import type { Served, Start } from '../served.ts'
import { startFastify } from './fastify.ts'
import { startHono } from './hono.ts'
import { startKoa } from './koa.ts'
import { startNode } from './node.ts'

export const starts: Readonly<Record<Served['framework'], Start>> = {
  fastify: startFastify,
  hono: startHono,
  koa: startKoa,
  node: startNode,
}
