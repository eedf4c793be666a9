import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { stampede } from '@stampede/hono'
import { type Context, Hono } from 'hono'
import { listen } from '../listen.ts'
import type { Start } from './start.ts'

export const startHono: Start = async ({ origin, stampede: options, port }) => {
  const app = new Hono()
  const handler = async (c: Context): Promise<Response> => c.json(await origin.fetch(c.req.query('nonce') ?? ''))
  app.get('/report', stampede(options), handler)
  app.get('/bare', handler)
  return listen(createAdaptorServer({ fetch: app.fetch }) as Server, port)
}
