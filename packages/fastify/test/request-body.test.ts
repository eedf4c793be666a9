import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { stampedePlugin } from '../src/index.ts'
import { TTL, listening } from './listening.ts'

const OPTIONS = { ttl: TTL, methods: ['GET', 'POST'] }
const BYPASS = 'stampede; fwd=bypass; detail=body'

type Build = (app: FastifyInstance) => void

/** What became of a POST of each body; the handler answers with a count. */
async function outcomes(build: Build, type: string, ...bodies: readonly string[]): Promise<readonly string[]> {
  let run = 0
  const { client } = await listening(app => {
    build(app)
    app.post('/', async () => `run ${(run += 1)}`)
  }, OPTIONS)
  const seen: string[] = []
  for (const body of bodies) {
    const reply = await client.fetch('/', { method: 'POST', body, headers: { 'content-type': type } })
    seen.push(`${reply.body}: ${String(reply.headers['cache-status']).replace(/; ttl=.*/, '')}`)
  }
  return seen
}

const none: Build = () => {}

describe('a body that Fastify has parsed', () => {
  it.each<[string, Build, readonly [string, string, string]]>([
    ['JSON', none, ['application/json', '{"a":1}', '{"a":2}']],
    ['JSON that nests', none, ['application/json', '[[1],2]', '[[1,2]]']],
    ['text', none, ['text/plain', 'a', 'b']],
    [
      'bytes',
      app => app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body)),
      ['application/x', 'a', 'b'],
    ],
    [
      'an object without a prototype',
      app =>
        app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) =>
          done(null, Object.assign(Object.create(null), { body })),
        ),
      ['application/x', 'a', 'b'],
    ],
  ])('as %s is the key', async (_name, build, [type, one, other]) => {
    expect(await outcomes(build, type, one, other, one)).toEqual([
      'run 1: stampede; fwd=uri-miss',
      'run 2: stampede; fwd=uri-miss',
      'run 1: stampede; hit',
    ])
  })

  it('is the key with its text, where fastify-raw-body keeps that', async () => {
    const build: Build = app =>
      app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
        Object.assign(request, { rawBody: body })
        done(null, {})
      })
    expect(await outcomes(build, 'application/x', 'a', 'b')).toEqual([
      'run 1: stampede; fwd=uri-miss',
      'run 2: stampede; fwd=uri-miss',
    ])
  })

  it.each<[string, Build]>([
    [
      'left unread, as by @fastify/multipart',
      app => app.addContentTypeParser('*', (_request, _payload, done) => done(null)),
    ],
    ['handed over as a stream', app => app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))],
    [
      'put elsewhere',
      app => app.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null)),
    ],
    [
      'made into no plain data',
      app =>
        app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) =>
          done(null, new URLSearchParams(body as string)),
        ),
    ],
  ])('is no key where it is %s', async (_name, build) => {
    expect(await outcomes(build, 'application/x', 'a', 'a')).toEqual([`run 1: ${BYPASS}`, `run 2: ${BYPASS}`])
  })

  it('is no key where it is a form with files', async () => {
    const build: Build = app =>
      app.addContentTypeParser('multipart/form-data', { parseAs: 'string' }, (_request, _body, done) => done(null, {}))
    const type = 'multipart/form-data; boundary=x'
    expect(await outcomes(build, type, 'a', 'a')).toEqual([`run 1: ${BYPASS}`, `run 2: ${BYPASS}`])
  })

  it('is the key for inject too, and over HTTP/2 without a length', async () => {
    const app = fastify({ http2: true })
    await app.register(stampedePlugin, OPTIONS)
    let run = 0
    app.post('/', async () => `run ${(run += 1)}`)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
    const seen: string[] = []
    for (const body of ['"a"', '"b"', '"a"']) {
      const stream = session.request({ ':method': 'POST', 'content-type': 'application/json' })
      stream.end(body)
      seen.push(await text(stream))
    }
    expect(seen).toEqual(['run 1', 'run 2', 'run 1'])
    for (const body of ['a', 'b', 'a'])
      seen.push((await app.inject({ method: 'POST', url: '/', payload: { body } })).body)
    expect(seen.slice(3)).toEqual(['run 3', 'run 4', 'run 3'])
    session.close()
    await app.close()
  })
})
