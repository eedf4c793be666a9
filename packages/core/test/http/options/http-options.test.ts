import { describe, expect, it } from 'vitest'
import { type HttpOptions, HttpStampede, type RouteOptions } from '../../../src/http/index.ts'

describe('HTTP options', () => {
  it.each([
    [{ ttl: -1 }, '"ttl" got -1; it takes a duration in milliseconds: a number, 0 or more, or a function'],
    [{ errorTtl: '1' }, '"errorTtl" got "1"'],
    [
      { methods: ['GTE'] },
      '"methods" got an array ("GTE"); it takes an array of methods, in upper case, from GET, HEAD, POST, QUERY, SEARCH, REPORT, PROPFIND, PUT, PATCH, DELETE',
    ],
    [{ methods: 'GET' }, '"methods" got "GET"'],
    [{ methods: ['post'] }, '"methods" got an array ("post")'],
    [{ methods: ['OPTIONS'] }, '"methods" got an array ("OPTIONS")'],
    [{ methods: ['CONNECT'] }, '"methods" got an array ("CONNECT")'],
    [{ methods: ['TRACE'] }, '"methods" got an array ("TRACE")'],
    [
      { match: 'no-slash' },
      '"match" got "no-slash"; it takes exact paths that begin with "/", RegExps, functions (view) => boolean, or an array',
    ],
    [{ key: 'x' }, '"key" got "x"; it takes a function (view) => string | null'],
    [{ match: [] }, '"match" got an array ()'],
    [{ match: ['/a', 'b'] }, '"match" got an array ("/a", "b")'],
    [{ match: 5 }, '"match" got 5'],
    [{ vary: ['bad header'] }, '"vary" got an array ("bad header"); it takes an array of header names'],
    [{ vary: [5] }, '"vary" got an array (5)'],
    [{ query: 'all' }, '"query" got "all"; it takes \'sorted\', or an array of parameter names'],
    [{ query: [5] }, '"query" got an array (5)'],
    [{ credentials: 'yes' }, "\"credentials\" got \"yes\"; it takes 'bypass', 'separate', 'keyed' or 'share'"],
    [{ credentials: 'keyed' }, '"credentials" got "keyed"'],
    [{ cookies: 'sid' }, '"cookies" got "sid"; it takes an array of cookie names'],
    [{ cookies: ['a b'] }, '"cookies" got an array ("a b")'],
    [{ cookies: [5] }, '"cookies" got an array (5)'],
    [{ targetList: 'cdn-cache-control' }, '"targetList" got "cdn-cache-control"; it takes an array of header names'],
    [{ targetList: ['CDN Cache Control'] }, '"targetList" got an array ("CDN Cache Control")'],
    [{ maxBodyBytes: Number.NaN }, '"maxBodyBytes" got NaN; it takes a number of bytes, 0 or more'],
    [{ waitTimeout: 0 }, '"waitTimeout" got 0'],
    [{ cacheStatus: 'two words' }, '"cacheStatus" got "two words"; it takes a name of letters, digits and "-"'],
    [{ cacheStatus: true }, '"cacheStatus" got true'],
    [{ xCache: 1 }, '"xCache" got 1'],
    [{ maxEntries: -5 }, '"maxEntries" got -5'],
    [{ maxBytes: -1 }, '"maxBytes" got -1; it takes a number of bytes, 0 or more, or Infinity'],
    [{ onEvent: {} }, '"onEvent" got an object; it takes a function (event) => void'],
    [{ maxAge: 5 }, '"maxAge" got 5; it takes nothing: there is no such option'],
  ])('%j throws and says why', (options, message) => {
    expect(() => new HttpStampede(options as HttpOptions)).toThrow(message)
  })

  it.each<HttpOptions>([
    { match: ['/a', /b/, () => true] },
    { methods: ['POST', 'QUERY', 'SEARCH', 'REPORT', 'PROPFIND', 'PUT', 'PATCH', 'DELETE'] },
    { methods: [], vary: [], cookies: [], query: [] },
    { cacheStatus: 'edge-1.b_c', cookies: ['__Host-sid'], vary: ['X-Tenant'] },
    { maxBytes: 0, maxBodyBytes: 0, waitTimeout: Number.POSITIVE_INFINITY },
  ])('%j are taken', options => {
    expect(new HttpStampede(options).stats().entries).toBe(0)
  })

  it('of a route are checked and named by where they stand', () => {
    const http = new HttpStampede({ ttl: 5_000 })
    expect(() => http.policy({ ttl: -1 }, 'config.stampede')).toThrow('"config.stampede.ttl" got -1')
    expect(() => http.policy({ maxEntries: 1 } as RouteOptions, 'config.stampede')).toThrow(
      '"config.stampede.maxEntries"',
    )
    expect(http.policy({ waitTimeout: 5 }).lifetime({ status: 200, header: () => undefined })).toBe(5_000)
  })
})
