import { describe, expect, it } from 'vitest'
import { HttpStampede, type Match, OptionError, type ResponseView } from '../../../src/http/index.ts'
import { policy, view } from '../../support/views.ts'

const response = (status: number, headers: Readonly<Record<string, string>> = {}): ResponseView => ({
  status,
  header: name => headers[name],
})

describe('match', () => {
  it.each<[Match | readonly Match[] | undefined, string, boolean]>([
    [undefined, '/any?x', true],
    ['/a', '/a', true],
    ['/a', '/a?x=1', true],
    ['/a', '/a?x=1?y', true],
    ['/a', '/a/', false],
    ['/a', '/A', false],
    ['/a', '/b?/a', false],
    [/^\/a/, '/a/b', true],
    [/^\/A/i, '/a/b', true],
    [/x=1/, '/a?x=1', false],
    [({ target }) => target.endsWith('x=1'), '/a?x=1', true],
    [() => false, '/a', false],
    [['/a', /^\/b/, ({ host }) => host === 'other'], '/b', true],
    [['/a', /^\/b/, ({ host }) => host === 'other'], '/c', false],
  ])('%s takes in %s: %s', (match, target, expected) => {
    expect(policy({ match }).match(view({ target }))).toBe(expected)
  })

  it.each(['g', 'y', 'gy'])('by a pattern with the flag %s is the same each time', flags => {
    const { match } = policy({ match: new RegExp('/a', flags) })
    const target = '/a'
    expect([1, 2, 3].map(() => match(view({ target })))).toEqual([true, true, true])
  })

  it('that gives a promise is refused: it would be true whatever comes of it', () => {
    const { match } = policy({ match: (async () => false) as unknown as () => boolean })
    expect(() => match(view())).toThrow('option "match" returned an object; it returns true or false, and no promise')
  })

  it('leaves the pattern of its owner as it was', () => {
    const own = /\/a/g
    policy({ match: own }).match(view({ target: '/a' }))
    expect(own.lastIndex).toBe(0)
  })
})

describe('the default lifetime', () => {
  it.each([302, 303, 307])(
    'of a redirect with status %i is what a function says, and no number (RFC 9110 s15.4)',
    status => {
      expect(policy({ ttl: 1 }).lifetime(response(status))).toBe(0)
      expect(policy({ ttl: () => 1 }).lifetime(response(status))).toBe(1)
    },
  )

  it.each([400, 403, 409, 422, 451, 505])('of status %i is what a function says, and no number', status => {
    expect(policy({ errorTtl: 2 }).lifetime(response(status))).toBe(0)
    expect(policy({ errorTtl: () => 2 }).lifetime(response(status))).toBe(2)
  })

  it.each([
    [200, 1],
    [399, 1],
    [404, 2],
    [500, 2],
    [503, 2],
  ])('of status %i is that of ttl below 400 and of errorTtl from there on', (status, expected) => {
    expect(policy({ ttl: 1, errorTtl: 2 }).lifetime(response(status))).toBe(expected)
    expect(policy({ ttl: () => 1, errorTtl: () => 2 }).lifetime(response(status))).toBe(expected)
  })

  it('is 0 where nothing is said', () => {
    expect([200, 500].map(status => policy().lifetime(response(status)))).toEqual([0, 0])
  })

  it('may be made from the response', () => {
    const { lifetime } = policy({ ttl: made => made.status + Number(made.header('x-ttl')) })
    expect(lifetime(response(200, { 'x-ttl': '5' }))).toBe(205)
  })

  it.each([[-1], [Number.NaN], ['5'], [undefined]])('that a function gives as %s is refused, by name', made => {
    const { lifetime } = policy({ ttl: () => made as number })
    expect(() => lifetime(response(200))).toThrow(OptionError)
    expect(() => lifetime(response(200))).toThrow(
      /option "ttl" got .*; it takes a function that returns a duration in milliseconds, 0 or more/,
    )
    expect(() => policy({ errorTtl: () => made as number }).lifetime(response(404))).toThrow(/option "errorTtl" got/)
  })
})

describe('a policy', () => {
  it('with keyed credentials needs a key that identifies the user', () => {
    expect(() => policy({ credentials: 'keyed' })).toThrow(
      'option "credentials" got "keyed"; it takes \'keyed\' only together with the option "key", which says who is asking',
    )
    expect(policy({ credentials: 'keyed', key: () => 'k' }).credentials).toBe('keyed')
    expect(policy({ credentials: 'share' }).key).toBeUndefined()
  })

  it('takes header names in any case and order', () => {
    const { keyHeaders, credentialHeaders, omitHeaders } = policy({
      vary: ['X-B', 'x-a', 'x-b'],
      credentialHeaders: ['X-User'],
      omitHeaders: ['X-Trace'],
    })
    expect({ keyHeaders, credentialHeaders, omitHeaders }).toEqual({
      keyHeaders: ['x-a', 'x-b'],
      credentialHeaders: ['x-user'],
      omitHeaders: ['x-trace'],
    })
  })

  it('of a route has its own options over those of the instance', () => {
    const http = new HttpStampede({ ttl: 1, waitTimeout: 2, query: 'sorted', cookies: ['sid'] })
    expect(http.policy({ ttl: 3, query: ['a'] }, '', 'scope')).toMatchObject({
      scope: 'scope',
      waitTimeout: 2,
      query: ['a'],
      cookies: ['sid'],
    })
    expect(http.policy({ ttl: 3 }).lifetime(response(200))).toBe(3)
    expect(http.policy(undefined).lifetime(response(200))).toBe(1)
  })

  it('has the documented defaults', () => {
    expect(policy()).toMatchObject({
      methods: ['GET', 'HEAD'],
      key: undefined,
      keyHeaders: [],
      query: undefined,
      credentials: 'bypass',
      cookies: undefined,
      targetList: ['stampede-cache-control'],
      omitHeaders: [],
      maxBodyBytes: 2 ** 20,
      waitTimeout: 30_000,
      cacheStatus: 'stampede',
      xCache: false,
    })
  })
})
