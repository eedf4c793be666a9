import { describe, expect, it } from 'vitest'
import { type Message, messageView, type Reply, type RequestView } from '../../../src/http/index.ts'

function seen(message: Partial<Message> = {}, reply: Reply = {}): RequestView {
  return messageView({ method: 'GET', target: '/a?b' }, { headers: {}, socket: {}, ...message }, reply)
}

describe('the view of a message', () => {
  it('has the method and target that it was made for', () => {
    expect(seen()).toMatchObject({ method: 'GET', target: '/a?b' })
  })

  it.each([
    [{}, 'http'],
    [{ encrypted: false }, 'http'],
    [{ encrypted: true }, 'https'],
  ])('over the socket %j is %s, whatever a proxy says', (socket, scheme) => {
    expect(seen({ socket, headers: { 'x-forwarded-proto': 'ftp' } }).scheme).toBe(scheme)
  })

  it.each([
    [{ host: 'a' }, 'a'],
    [{ ':authority': 'b' }, 'b'],
    [{ host: 'a', ':authority': 'b' }, 'a b'],
    [{ host: 'a', ':authority': 'a' }, 'a'],
    [{}, ''],
  ])('with headers %j asks for host %j (RFC 9110 s7.2)', (headers, host) => {
    expect(seen({ headers }).host).toBe(host)
  })

  it.each(['__proto__', 'constructor', 'toString'])('has no header %s that was not sent', name => {
    expect(seen().header(name)).toBeUndefined()
  })

  it('joins the lines of a header (RFC 9110 s5.3)', () => {
    const joined = seen({ headers: { accept: 'a', via: ['b', 'c'], empty: '' } })
    expect(['accept', 'via', 'empty', 'missing'].map(name => joined.header(name))).toEqual(['a', 'b, c', '', undefined])
  })

  it.each<[string, Record<string, string>, boolean]>([
    ['shown', { cookie: 'a' }, true],
    ['hidden from loops', Object.defineProperty({}, 'cookie', { value: 'a' }), true],
    ['inherited', Object.create({ cookie: 'a' }) as Record<string, string>, true],
    [
      'hidden beside one that is inherited',
      Object.defineProperty(Object.create({ accept: 'a' }) as Record<string, string>, 'cookie', { value: 'a' }),
      true,
    ],
    ['another', { accept: 'a' }, false],
    ['another, of an object without a prototype', Object.assign(Object.create(null) as object, { accept: 'a' }), false],
  ])('may carry a header that is %s', (_, headers, expected) => {
    expect(seen({ headers }).mayCarry?.(new Set(['cookie']))).toBe(expected)
  })

  it('is known by its message', () => {
    const message = { headers: {}, socket: {} }
    expect(messageView({ method: 'GET', target: '/' }, message, {}).message).toBe(message)
  })

  it.each([
    [undefined, false],
    [null, false],
    [{}, false],
    [{ subject: {} }, true],
  ])('with the peer certificate %j has one: %s', (certificate, expected) => {
    expect(seen({ socket: { getPeerCertificate: () => certificate } }).hasClientCertificate()).toBe(expected)
  })

  it.each([
    [undefined, false],
    [{ endAfterHeaders: true }, false],
    [{ endAfterHeaders: false }, true],
  ])('over HTTP/2 by the stream %j has a body that no header shows: %s', (stream, expected) => {
    expect(seen({ stream }).hasBody?.()).toBe(expected)
  })

  it('without TLS has no certificate', () => {
    expect(seen().hasClientCertificate()).toBe(false)
  })

  it.each<[Reply, boolean]>([
    [{}, false],
    [{ destroyed: false }, false],
    [{ destroyed: true }, true],
    [{ stream: undefined, destroyed: true }, true],
    [{ stream: { destroyed: true }, destroyed: false }, true],
    [{ stream: { destroyed: false }, destroyed: true }, false],
  ])('whose reply is %j is gone: %s', (reply, expected) => {
    expect(seen({}, reply).isGone()).toBe(expected)
  })

  it('shows that a client disconnects later', () => {
    const reply = { destroyed: false }
    const view = seen({}, reply)
    reply.destroyed = true
    expect(view.isGone()).toBe(true)
  })
})
