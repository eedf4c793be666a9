import { createServer, type Http2Server } from 'node:http2'
import { createAdaptorServer } from '@hono/node-server'
import { http2Suite } from '@stampede/conformance'
import { withoutBrokenBodies } from './broken-bodies.ts'
import { appOf } from './mount.ts'

http2Suite(async (options, handler) => {
  const { app, controls } = appOf(options, handler)
  const server = withoutBrokenBodies(createAdaptorServer({ fetch: app.fetch, createServer }) as Http2Server)
  return { server, stats: controls.stats }
})
