import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { stampede } from '@stampede/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { cache } from 'hono/cache'
import { cacheStorage } from './cache-storage.ts'
import { FIELDS, type Front, type Handler, type Start, TTL } from '../served.ts'
import { listening } from './listening.ts'

export const startHono: Start = async ({ front }, { body, pause }) => {
  const app = new Hono()
  for (const middleware of inFront(front)) app.use(middleware)
  const answer = answering(body, front)
  if (pause === undefined) app.get('/*', answer)
  else {
    app.get('/*', async c => {
      await pause()
      return answer(c)
    })
  }
  return listening(createAdaptorServer({ fetch: app.fetch }) as Server)
}

const idle: MiddlewareHandler = (_, next) => next()

function inFront(front: Front): MiddlewareHandler[] {
  if (front === 'stampede') return [stampede({ ttl: TTL })]
  if (front === 'beside') return [idle, stampede({ ttl: TTL })]
  if (front === 'bare' || front === 'fields') return []
  if (front === 'idle') return [idle]
  Object.assign(globalThis, { caches: cacheStorage() })
  return [cache({ cacheName: 'bench', wait: true })]
}

/** The fastest that each can be answered with. */
function answering(body: Handler['body'], front: Front): (c: { json(body: object): Response }) => Response {
  if (!Buffer.isBuffer(body)) return c => c.json(body)
  const bytes = new Uint8Array(body)
  const type = { 'content-type': 'application/octet-stream' }
  const headers = front === 'fields' ? { ...type, ...FIELDS } : type
  return () => new Response(bytes, { headers })
}
