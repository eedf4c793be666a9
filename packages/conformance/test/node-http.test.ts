import { createServer } from 'node:https'
import { adapterSuite, hostileSuite, tlsSuite } from '@stampede/conformance'
import { stampede } from './node-http.ts'
import { mount } from './node-http-mount.ts'

adapterSuite(mount)
hostileSuite(mount)

tlsSuite(async (tls, options, handler) => {
  const listener = stampede(options, ({ request }) => ({ body: handler(request.socket) }))
  return { server: createServer(tls, listener), stats: listener.stats }
})
