import { describe, expect, it } from 'vitest'
import type { RouteOptions } from '../../../src/http/index.ts'
import { bypassReason, conditionsOf } from '../../../src/http/request/participation.ts'
import { type Asked, policy, view } from '../../support/views.ts'

const reasonOf = (asked: Asked, route?: RouteOptions): string | undefined => bypassReason(view(asked), policy(route))

describe('a request', () => {
  it.each<[string, Asked]>([
    ['is a plain GET', {}],
    ['is a HEAD', { method: 'HEAD' }],
    ['says that it has no body (RFC 9110 s8.6)', { headers: { 'content-length': '0' } }],
    ['is conditional (RFC 9111 s4.3.2)', { headers: { 'if-none-match': '"a"', 'if-modified-since': 'x' } }],
    ['says no-cache, which a client may not demand of an origin', { headers: { 'cache-control': 'no-cache' } }],
  ])('takes part that %s', (_name, asked) => {
    expect(reasonOf(asked)).toBeUndefined()
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'get', ''])('with method %j takes no part', method => {
    expect(reasonOf({ method })).toBe('method')
  })

  it.each([
    ['x-http-method-override', 'DELETE', 'method-override'],
    ['x-http-method', 'DELETE', 'method-override'],
    ['x-method-override', '', 'method-override'],
    ['transfer-encoding', 'chunked', 'body'],
    ['content-length', '1', 'body'],
    ['content-length', '', 'body'],
    ['upgrade', 'websocket', 'upgrade'],
    ['if-match', '"a"', 'if-match'],
    ['if-unmodified-since', 'Mon, 01 Jan 2024 00:00:00 GMT', 'if-match'],
  ])('with %s: %j takes no part, whatever its credentials', (name, value, reason) => {
    expect(reasonOf({ headers: { [name]: value } })).toBe(reason)
    expect(reasonOf({ headers: { [name]: value } }, { credentials: 'share' })).toBe(reason)
  })

  it.each([
    ['if-none-match', 'conditional'],
    ['if-modified-since', 'conditional'],
    ['range', 'range'],
    ['content-length', undefined],
    ['transfer-encoding', undefined],
  ])('that is a POST, with %s, takes no part for %s', (name, reason) => {
    expect(reasonOf({ method: 'POST', headers: { [name]: '1' } }, { methods: ['POST'] })).toBe(reason)
  })

  it('takes no part where only the connection says that a GET has a body', () => {
    expect(bypassReason({ ...view(), hasBody: () => true }, policy())).toBe('body')
    expect(bypassReason({ ...view(), hasBody: () => false }, policy())).toBeUndefined()
  })

  it('takes no part where its method or path is left out', () => {
    expect(reasonOf({ method: 'HEAD' }, { methods: ['GET'] })).toBe('method')
    expect(reasonOf({ target: '/b' }, { match: '/a' })).toBe('match')
    expect(reasonOf({ target: '/a' }, { match: '/a' })).toBeUndefined()
  })
})

describe('a request with credentials', () => {
  const signedIn = { headers: { authorization: 'Basic x', cookie: 'sid=1' } }
  const certified = { hasCertificate: true }

  it.each<[RouteOptions, string | undefined, string | undefined]>([
    [{}, 'authorization', 'tls'],
    [{ credentials: 'bypass' }, 'authorization', 'tls'],
    [{ credentials: 'separate' }, undefined, 'tls'],
    [{ credentials: 'share' }, undefined, undefined],
    [{ credentials: 'keyed', key: () => 'k' }, undefined, undefined],
  ])('under %j bypasses for %s, and one with a certificate for %s', (route, header, certificate) => {
    expect(reasonOf(signedIn, route)).toBe(header)
    expect(reasonOf(certified, route)).toBe(certificate)
  })

  it.each<[string, RouteOptions, string | undefined]>([
    ['theme=dark', {}, 'cookie'],
    ['theme=dark', { cookies: ['sid'] }, undefined],
    ['theme=dark; sid=1', { cookies: ['sid'] }, 'cookie'],
    ['sid=1', { cookies: [] }, undefined],
    ['', {}, undefined],
  ])('has a cookie %j that counts under %j: %s', (cookie, route, reason) => {
    expect(reasonOf({ headers: { cookie } }, route)).toBe(reason)
  })

  it('is recognised by the headers of the option credentialHeaders, an empty one too', () => {
    const route = { credentialHeaders: ['X-User'], cookies: [] }
    expect(reasonOf({ headers: { 'x-user': '' } }, route)).toBe('x-user')
    expect(reasonOf({ headers: { authorization: 'Basic x' } }, route)).toBeUndefined()
  })
})

describe('conditional requests', () => {
  const conditions = (headers: Asked['headers']): string => conditionsOf(view(headers === undefined ? {} : { headers }))

  it('share a flight only with those that sent the same', () => {
    const sent = [
      { 'if-none-match': '"a"' },
      { 'if-none-match': '"b"' },
      { 'if-none-match': '' },
      { 'if-modified-since': '"a"' },
      { 'if-none-match': '"a"', 'if-modified-since': '"a"' },
    ]
    expect(new Set(sent.map(conditions)).size).toBe(sent.length)
    expect(conditions({ 'if-none-match': '"a"', accept: 'x' })).toBe(conditions({ 'if-none-match': '"a"' }))
  })

  it('differ from those without any condition', () => {
    expect(conditions({ 'if-none-match': '"a"' })).not.toBe('')
    expect(conditions({ 'if-match': '"a"' })).toBe('')
    expect(conditions(undefined)).toBe('')
  })
})
