import { once } from 'node:events'
import { Agent, request, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { HttpOptions, HttpStats } from '@stampede/core/http'
import { afterEach, describe, expect, it } from 'vitest'
import { type Certificate, certificateFor } from './certificates.ts'
import { Tally } from './gate.ts'
import { TestClock } from './test-clock.ts'

/** A server of one framework over TLS, not listening yet, whose handler answers at every path. */
export interface TlsMounted {
  readonly server: Server
  readonly stats: () => HttpStats
}

/** Makes a server that asks its clients for certificates: `tls` is for `https.createServer`. */
export type TlsMount = (
  tls: Certificate & { readonly requestCert: boolean; readonly rejectUnauthorized: boolean },
  options: HttpOptions,
  handler: (socket: Socket) => string,
) => Promise<TlsMounted>

const [host, alice, bob] = ['localhost', 'alice', 'bob'].map(certificateFor) as [Certificate, Certificate, Certificate]

/** Who shows a certificate, as the handler sees it. */
function whoAsks(socket: Socket): string {
  const shown = (socket as TLSSocket).getPeerCertificate() as { subject?: { CN: string } } | undefined
  return shown?.subject?.CN ?? 'nobody'
}

/** What an adapter owes to clients that show a certificate. Call it in a test file of the adapter. */
export function tlsSuite(mount: TlsMount): void {
  const open: Server[] = []
  afterEach(async () => {
    for (const server of open.splice(0)) {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  })

  const listening = async (options: HttpOptions): Promise<TlsMounted & { readonly port: number }> => {
    const tls = { ...host, requestCert: true, rejectUnauthorized: false }
    const mounted = await mount(tls, { ttl: 60_000, ...options }, whoAsks)
    mounted.server.listen(0, '127.0.0.1')
    await once(mounted.server, 'listening')
    open.push(mounted.server)
    return { ...mounted, port: (mounted.server.address() as AddressInfo).port }
  }

  describe('a client with a certificate', () => {
    for (const credentials of ['bypass', 'separate'] as const) {
      it(`gets its own answer under ${credentials}`, async () => {
        const { port, stats } = await listening({ credentials })
        const bodies: string[] = []
        for (const shown of [alice, bob, undefined, alice, undefined]) bodies.push(await ask(port, agentOf(shown)))
        expect(bodies).toEqual(['alice', 'bob', 'nobody', 'alice', 'nobody'])
        expect(stats()).toMatchObject({ bypasses: 3, misses: 1, hits: 1 })
      })
    }

    it('gets its own answer where it takes up a session again', async () => {
      const { port, stats } = await listening({})
      const agent = agentOf(alice)
      const resumed: boolean[] = []
      agent.on('session', () => {})
      const bodies: string[] = []
      for (let time = 0; time < 3; time += 1)
        bodies.push(await ask(port, agent, socket => resumed.push(socket.isSessionReused())))
      expect(bodies).toEqual(['alice', 'alice', 'alice'])
      expect(resumed).toContain(true)
      expect(stats()).toMatchObject({ bypasses: 3, entries: 0 })
    })

    it('gets what all get under share', async () => {
      const { port } = await listening({ credentials: 'share' })
      expect([await ask(port, agentOf(alice)), await ask(port, agentOf(bob))]).toEqual(['alice', 'alice'])
    })
  })

  it('a stale response is refreshed by a request of Stampede’s own, over https as the app sees it', async () => {
    const [clock, events] = [new TestClock(), new Tally()]
    const windows = { ttl: 1_000, staleWhileRevalidate: 60_000, clock }
    const { port, stats } = await listening({ ...windows, onEvent: event => events.add(event.type) })
    await ask(port, agentOf(undefined))
    clock.advance(2_000)
    expect(await ask(port, agentOf(undefined))).toBe('nobody')
    await Promise.race([events.until('store', 2), events.until('backoff', 1)])
    expect([events.count('store'), events.count('backoff'), stats().entries]).toEqual([2, 0, 1])
  })

  it('distinguishes https from http in the key', async () => {
    const { port, stats } = await listening({ key: view => (view.scheme === 'https' ? 'k' : null) })
    await ask(port, agentOf(undefined))
    expect(stats()).toMatchObject({ misses: 1, bypasses: 0 })
  })
}

function agentOf(certificate: Certificate | undefined): Agent {
  return new Agent({ rejectUnauthorized: false, ...certificate })
}

async function ask(port: number, agent: Agent, onSocket?: (socket: TLSSocket) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, agent, host: '127.0.0.1', headers: { connection: 'close' } }, response => {
      onSocket?.(response.socket as TLSSocket)
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      // The session to take up again comes before the connection is closed.
      response.once('close', () => resolve(body))
    })
    sent.once('error', reject)
    sent.end()
  })
}
