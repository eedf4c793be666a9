import { EventEmitter } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import {
  breakOff,
  type HeaderLines,
  type Reply,
  whenClosed,
  whenFinished,
  whenHeadWritten,
  type WritableReply,
} from '../../../src/http/index.ts'

interface Watched {
  readonly reply: ServerResponse
  /** The reported heads, one per call. */
  readonly heads: readonly HeaderLines[]
}

/** A reply of Node's own whose head is watched. */
function watched(set: Readonly<Record<string, string>> = {}): Watched {
  const reply = new ServerResponse(new IncomingMessage(new Socket()))
  for (const [name, value] of Object.entries(set)) reply.setHeader(name, value)
  const heads: HeaderLines[] = []
  whenHeadWritten(reply, headers => heads.push(headers))
  return { reply, heads }
}

const told = ({ heads }: Watched): unknown => heads.map(headers => Object.fromEntries(headers))

describe('a head', () => {
  it('is reported when it is written, with the headers set so far', () => {
    const { reply, heads } = watched({ ETag: '"a"' })
    reply.setHeader('Vary', 'accept')
    expect(heads).toEqual([])
    reply.writeHead(200)
    expect(told({ reply, heads })).toEqual([{ etag: ['"a"'], vary: ['accept'] }])
  })

  it('is reported when the first byte or the end writes it', () => {
    const both = [watched({ a: '1' }), watched({ a: '1' })]
    both[0]?.reply.write('x')
    both[1]?.reply.end()
    expect(both.map(told)).toEqual([[{ a: ['1'] }], [{ a: ['1'] }]])
  })

  it.each<[string, (reply: ServerResponse) => unknown]>([
    ['an object', reply => reply.writeHead(200, { 'Cache-Control': 'private', 'Set-Cookie': 'a=1' })],
    [
      'an object after the reason',
      reply => reply.writeHead(200, 'Fine', { 'Cache-Control': 'private', 'Set-Cookie': 'a=1' }),
    ],
    [
      'an object after null, which Node takes for no reason',
      reply => reply.writeHead(200, null as unknown as string, { 'Cache-Control': 'private', 'Set-Cookie': 'a=1' }),
    ],
    ['a list of names and values', reply => reply.writeHead(200, ['Cache-Control', 'private', 'Set-Cookie', 'a=1'])],
  ])('is told with the headers that writeHead was given as %s', (_name, write) => {
    const given = { 'cache-control': ['private'], 'set-cookie': ['a=1'] }
    const [plain, mixed] = [watched(), watched({ etag: '"a"', 'cache-control': 'public' })]
    write(plain.reply)
    write(mixed.reply)
    expect(told(plain)).toEqual([given])
    expect(told(mixed)).toEqual([{ etag: ['"a"'], ...given }])
  })

  it('is reported with the headers of a list of pairs', () => {
    const { reply, heads } = watched()
    const pairs: unknown = [
      ['Cache-Control', 'private'],
      ['Set-Cookie', 'a=1'],
    ]
    reply.writeHead(200, pairs as string[])
    expect(told({ reply, heads })).toEqual([{ 'cache-control': ['private'], 'set-cookie': ['a=1'] }])
  })

  it('is reported with each line of a name that is repeated in a list', () => {
    const { reply, heads } = watched()
    reply.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', ['b=2', 'c=3']])
    expect(told({ reply, heads })).toEqual([{ 'set-cookie': ['a=1', 'b=2', 'c=3'] }])
  })

  it('is reported once, and written by the original method', () => {
    const { reply, heads } = watched()
    expect(reply.writeHead(204, 'None')).toBe(reply)
    expect([reply.statusCode, reply.statusMessage, reply.headersSent]).toEqual([204, 'None', true])
    expect(() => reply.writeHead(200)).toThrow('after they are sent')
    expect(heads).toHaveLength(1)
  })

  it('is reported as earlier wrappers of writeHead have written it', () => {
    const reply = new ServerResponse(new IncomingMessage(new Socket()))
    const writeHead = reply.writeHead.bind(reply)
    reply.writeHead = (status: number) => writeHead(status, { 'Cache-Control': 'private' })
    reply.setHeader('etag', '"a"')
    const heads: HeaderLines[] = []
    whenHeadWritten(reply, headers => heads.push(headers))
    reply.writeHead(200, { 'cache-control': 'public' })
    expect(told({ reply, heads })).toEqual([{ etag: ['"a"'], 'cache-control': ['private'] }])
  })

  it('is written without control headers, however they were set, and reported with them and its status', () => {
    const field = 'Stampede-Cache-Tag'
    const writes: ((reply: ServerResponse) => unknown)[] = [
      reply => reply.setHeader(field, 'a').writeHead(201, { ETag: '"a"' }),
      reply => reply.writeHead(201, { [field]: 'a', ETag: '"a"' }),
      reply => reply.setHeader('ETag', '"a"').writeHead(201, 'Fine', [field, 'a']),
      reply =>
        reply.writeHead(201, [
          [field, 'a'],
          ['ETag', '"a"'],
        ] as unknown as string[]),
    ]
    for (const write of writes) {
      const reply = new ServerResponse(new IncomingMessage(new Socket()))
      const heads: unknown[] = []
      whenHeadWritten(reply, (headers, status) =>
        heads.push([status, headers.get('stampede-cache-tag'), headers.get('etag')]),
      )
      write(reply)
      expect(heads).toEqual([[201, ['a'], ['"a"']]])
      const { _header: head } = reply as unknown as { _header: string }
      expect(head).toMatch(/ETag: "a"/)
      expect(head).not.toMatch(/stampede/i)
    }
  })

  it('is written without control headers also without a callback', () => {
    const reply = new ServerResponse(new IncomingMessage(new Socket()))
    whenHeadWritten(reply)
    reply.writeHead(200, { 'stampede-cache-tag': 'a' })
    expect((reply as unknown as { _header: string })._header).not.toMatch(/stampede/)
  })

  it('of HTTP/2 is reported once, when its stream writes it, without control headers', () => {
    const set = new Map([
      ['etag', '"a"'],
      ['stampede-cache-tag', 'a'],
    ])
    const written: unknown[] = []
    const stream = { destroyed: false, respond: (...rest: unknown[]) => written.push([...set.keys(), ...rest]) }
    const respond = vi.fn(stream.respond)
    const reply: WritableReply = {
      ...fake({ stream: Object.assign(stream, { respond }) }),
      statusCode: 204,
      getHeaders: () => Object.fromEntries(set),
      getHeader: name => set.get(name),
      removeHeader: name => void set.delete(name),
    }
    const heads: unknown[] = []
    whenHeadWritten(reply, (headers, status) => heads.push([status, Object.fromEntries(headers)]))
    expect(heads).toEqual([])
    stream.respond('given')
    stream.respond()
    expect(written).toEqual([['etag', 'given'], ['etag']])
    expect(heads).toEqual([[204, { etag: ['"a"'], 'stampede-cache-tag': ['a'] }]])
  })

  it('of HTTP/2 that is written invisibly is reported at once', () => {
    const reply = fake({ stream: { destroyed: false } })
    const heads: HeaderLines[] = []
    whenHeadWritten(reply, headers => heads.push(headers))
    expect(heads.map(headers => [...headers])).toEqual([[['etag', ['"a"']]]])
    reply.writeHead(200)
    expect(heads).toHaveLength(1)
  })
})

type Fake = WritableReply & { readonly close: () => void }

/** A reply that has only what is asked of it. */
function fake(given: Reply & { readonly writableFinished?: boolean }): Fake {
  const emitter = new EventEmitter()
  const reply: Fake = {
    statusCode: 200,
    headersSent: false,
    writableFinished: false,
    getHeaders: () => ({ ETag: '"a"' }),
    getHeader: () => undefined,
    removeHeader: () => {},
    once: (event, listener) => emitter.once(event, listener),
    writeHead: () => reply,
    close: () => emitter.emit('close'),
    ...given,
  }
  return reply
}

describe('a reply', () => {
  it.each<[string, Parameters<typeof fake>[0], boolean]>([
    ['that was written to its end', { writableFinished: true }, true],
    ['whose client went before', { writableFinished: false }, false],
    ['of HTTP/2 that ended without an error', { stream: { destroyed: true, rstCode: 0 } }, true],
    ['of HTTP/2 whose connection was closed', { stream: { destroyed: true, rstCode: 0, aborted: true } }, false],
    ['of HTTP/2 that was reset', { stream: { destroyed: true, rstCode: 8 }, writableFinished: true }, false],
  ])('%s has finished: %s', (_name, given, expected) => {
    const reply = fake(given)
    let hasFinished = false
    whenFinished(reply, () => {
      hasFinished = true
    })
    expect(hasFinished).toBe(false)
    reply.close()
    expect(hasFinished).toBe(expected)
  })

  it.each<[string, Parameters<typeof fake>[0], boolean]>([
    ['that is open', { destroyed: false }, false],
    ['whose connection is no more', { destroyed: true }, true],
    ['of HTTP/2 that is open', { destroyed: true, stream: { destroyed: false } }, false],
    ['of HTTP/2 that is no more', { stream: { destroyed: true } }, true],
  ])('%s is closed already: %s', (_name, given, expected) => {
    const reply = fake(given)
    let closed = 0
    whenClosed(reply, () => {
      closed += 1
    })
    expect(closed).toBe(expected ? 1 : 0)
    reply.close()
    expect(closed).toBe(1)
  })

  it.each([
    [true, [2]],
    [false, []],
  ])('of HTTP/2 is broken off by an error where its head is sent: %s', (headersSent, expected) => {
    const codes: number[] = []
    breakOff({ ...fake({ stream: { destroyed: false, close: code => void codes.push(code) } }), headersSent })
    expect(codes).toEqual(expected)
    expect(() => breakOff({ ...fake({}), headersSent })).not.toThrow()
  })
})
