import { once } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, describe } from 'vitest'
import { Gate, Tally } from './gate.ts'
import { http2Cases } from './hostile/http2.ts'
import { Http2Client } from './http2-client.ts'
import type { Http2Mount, Http2Scene, Http2Stage, SetUpHttp2 } from './http2-stage.ts'

const named: NonNullable<Http2Scene['answer']> = (_request, run) => ({ body: `run ${run}` })

/** What an adapter withstands of clients that speak HTTP/2. Call it in a test file of the adapter. */
export function http2Suite(mount: Http2Mount): void {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })

  const setUp: SetUpHttp2 = async ({ options = {}, answer = named } = {}) => {
    const [events, runs, streams, gate] = [new Tally(), new Tally(), new Tally(), new Gate()]
    const { server, stats } = await mount({ ...options, onEvent: event => events.add(event.type) }, async request => {
      runs.add('run')
      const run = runs.count('run')
      await gate.passed()
      return answer(request, run)
    })
    const sessions = new Set<ServerHttp2Session>()
    server.on('session', session => sessions.add(session))
    server.on('stream', stream => stream.once('close', () => streams.add('closed')))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const clients: Http2Client[] = []
    closers.push(async () => {
      gate.open()
      for (const client of clients) client.close()
      for (const session of sessions) session.destroy()
      await new Promise(resolve => server.close(resolve))
    })
    const open: Http2Stage['connect'] = with_ => {
      const client = new Http2Client(port, with_)
      clients.push(client)
      return client
    }
    return { stats, events, runs, streams, gate, connect: open }
  }

  describe('HTTP/2:', () => {
    http2Cases(setUp)
  })
}
