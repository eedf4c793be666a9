import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { Source, Tally } from '@stampede/conformance'
import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { stampedePlugin } from '../src/index.ts'
import { type App, listening, TTL } from './listening.ts'

const readable = (source: Source): Readable => Readable.from(source.body.chunks, { objectMode: false })

/** An app that answers with a streaming body, and replaces it on request. */
async function streaming(): Promise<App & { readonly source: Source }> {
  const source = new Source()
  const app = await listening(instance => {
    instance.addHook('onSend', async (request, _reply, payload) =>
      request.headers['x-replaced'] === undefined ? payload : 'other',
    )
    instance.get('/', async () => readable(source))
  }, {})
  return { source, ...app }
}

describe('a body on its way', () => {
  const replaced = { headers: { 'x-replaced': '1' } }

  it('is not held by a leader to whom another hook sends something else', async () => {
    const { source, app, client } = await streaming()
    source.give('first ')
    expect(await client.fetch('/', replaced)).toMatchObject({ body: 'other' })
    await source.seen.until('closed', 1)
    expect(app.stampede.stats()).toMatchObject({ bytes: 0, flights: 0 })
  })

  it('is not held by a follower to whom another hook sends something else', async () => {
    const { source, app, client, events } = await streaming()
    source.give('first ')
    const leader = await client.open('/')
    expect(await client.fetch('/', replaced)).toMatchObject({ body: 'other' })
    expect([events.count('follow'), source.seen.count('closed')]).toEqual([1, 0])
    leader.close()
    await source.seen.until('closed', 1)
    expect(app.stampede.stats()).toMatchObject({ bytes: 0, flights: 0 })
  })

  it('reaches followers over HTTP/2 while it arrives, and breaks off for them', async () => {
    const source = new Source()
    const events = new Tally()
    const app = fastify({ http2: true })
    await app.register(stampedePlugin, { ttl: TTL, onEvent: event => events.add(event.type) })
    app.get('/', async () => readable(source))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    const session = connect(`http://127.0.0.1:${port}`)
    source.give('first ')
    const requests = [session.request({ ':path': '/' }), session.request({ ':path': '/' })]
    const readers = requests.map(request => request[Symbol.asyncIterator]())
    for (const reader of readers) expect(String((await reader.next()).value)).toBe('first ')
    expect(events.count('follow')).toBe(1)
    source.breakOff()
    for (const reader of readers) await expect(reader.next()).rejects.toThrow('Stream closed with error')
    expect(app.stampede.stats()).toMatchObject({ entries: 0, bytes: 0, flights: 0 })
    session.destroy()
    await app.close()
  })
})
