import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { directivesOf } from '../../../src/http/request/request-directives.ts'
import type { RouteOptions } from '../../../src/http/index.ts'
import { countedCookies, primaryKey } from '../../../src/http/request/key.ts'
import { variantOf } from '../../../src/http/request/keyed-request.ts'
import { type Asked, policy, view } from '../../support/views.ts'

const HEADERS = ['x-forwarded-host', 'forwarded', 'x-tenant', 'x-team']

interface Parts {
  readonly scheme: string
  readonly host: string
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

// Few letters, and those that a careless key would divide its parts by: what can be mistaken is found soon.
const text = fc.string({ unit: fc.constantFrom('a', '1', ':', '-', ',', ' ', '=', '\n'), maxLength: 4 })
const parts: fc.Arbitrary<Parts> = fc.record({
  scheme: fc.constantFrom('http', 'https'),
  host: text,
  target: text,
  headers: fc.record(Object.fromEntries(HEADERS.map(name => [name, fc.option(text, { nil: undefined })]))),
})

const identity = ({ scheme, host, target, headers }: Parts): string =>
  JSON.stringify([scheme, host, target, HEADERS.map(name => headers[name] ?? null)])

describe('keys', () => {
  const varied = policy({ vary: ['x-tenant', 'x-team'] })

  it('are the same for two requests only where all that is in them is the same', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const areSame = primaryKey(view(one), varied) === primaryKey(view(other), varied)
        expect(areSame).toBe(identity(one) === identity(other))
      }),
      { numRuns: 5_000 },
    )
  })

  it('of variants distinguish the names in Vary as well as their values', () => {
    const names = fc.uniqueArray(fc.constantFrom(...HEADERS), { maxLength: 3 }).map(list => list.toSorted())
    fc.assert(
      fc.property(parts, names, names, (one, first, second) => {
        const request = {
          view: view(one),
          policy: varied,
          key: 'k',
          conditions: '',
          directives: directivesOf(view(), policy()),
          arrivedAt: 0,
        }
        expect(variantOf(request, first) === variantOf(request, second)).toBe(first.join() === second.join())
      }),
    )
  })

  it('of variants distinguish names that would look alike', () => {
    const request = {
      view: view(),
      policy: varied,
      key: 'k',
      conditions: '',
      directives: directivesOf(view(), policy()),
      arrivedAt: 0,
    }
    expect(variantOf(request, ['a', 'bc'])).not.toBe(variantOf(request, ['ab', 'c']))
  })

  it('of a sorted query keep the order of the values of one name, however it is spelt', () => {
    const sorted = policy({ query: 'sorted' })
    const key = (query: string): string | null => primaryKey(view({ target: `/?${query}` }), sorted)
    expect(key('b=2&a=1')).toBe(key('a=1&b=2'))
    expect(key('a=1&a=2')).not.toBe(key('a=2&a=1'))
    expect(key('%61=1&a=2')).not.toBe(key('a=2&%61=1'))
  })
})

describe('a key', () => {
  const keyOf = (asked: Asked, route: RouteOptions = {}, scope = ''): string | null =>
    primaryKey(view(asked), policy(route, scope))
  const user = (name: string, rest: Asked['headers'] = {}): Asked => ({ headers: { authorization: name, ...rest } })

  it('distinguishes routes that share a target', () => {
    expect(keyOf({}, {}, 'one')).not.toBe(keyOf({}, {}, 'other'))
  })

  it.each(['x-forwarded-proto', 'x-forwarded-host', 'forwarded', 'x-tenant'])(
    'tells apart the values of %s, and one that is empty from none',
    name => {
      const keys = ['a', 'b', '', undefined].map(value => keyOf({ headers: { [name]: value } }, { vary: ['X-Tenant'] }))
      expect(new Set(keys).size).toBe(4)
    },
  )

  it('distinguishes an empty host from none', () => {
    expect(keyOf({ host: '', headers: { host: '' } })).not.toBe(keyOf({ host: '' }))
  })

  it('has no other header in it', () => {
    expect(keyOf({ headers: { accept: 'a', authorization: 'b' } })).toBe(keyOf({}))
  })

  it('of its own stands in place of the target, and is none that a target could be', () => {
    const key = (made: string | null): RouteOptions => ({ key: () => made })
    expect(keyOf({ target: '/a' }, key('k'))).toBe(keyOf({ target: '/b' }, key('k')))
    expect(keyOf({ host: 'a' }, key('k'))).not.toBe(keyOf({ host: 'b' }, key('k')))
    expect(keyOf({}, key('k'))).not.toBe(keyOf({}, key('')))
    expect(keyOf({ target: '/a' }, key('/a'))).not.toBe(keyOf({ target: '/a' }))
    expect(keyOf({}, { key: ({ target }) => target })).toBe(keyOf({}, key('/')))
  })

  it('of its own may be null, to bypass, and nothing else than a string', () => {
    expect(keyOf({}, { key: () => null })).toBeNull()
    const key = (): string => 5 as unknown as string
    expect(() => keyOf({}, { key })).toThrow('option "key" returned number; it returns a string, or null to bypass')
  })

  it('contains the credentials only if users are kept separate', () => {
    expect(keyOf(user('a'), { credentials: 'separate' })).not.toBe(keyOf(user('b'), { credentials: 'separate' }))
    expect(keyOf(user('a'), { credentials: 'separate' })).toBe(keyOf(user('a'), { credentials: 'separate' }))
    expect(keyOf({}, { credentials: 'separate' })).not.toBe(keyOf(user(''), { credentials: 'separate' }))
    expect(keyOf(user('a'), { credentials: 'share' })).toBe(keyOf(user('b'), { credentials: 'share' }))
    expect(keyOf(user('x', { cookie: 'y' }), { credentials: 'separate' })).not.toBe(
      keyOf(user('y', { cookie: 'x' }), { credentials: 'separate' }),
    )
  })

  it('has those cookies in it that count', () => {
    const key = (cookie: string | undefined, cookies?: readonly string[]): string | null =>
      keyOf({ headers: { cookie } }, { credentials: 'separate', cookies })
    expect(key('sid=1; a=1', ['sid'])).toBe(key('a=2;sid=1 ', ['sid']))
    expect(key('sid=1', ['sid'])).not.toBe(key('sid=2', ['sid']))
    expect(key('a=1')).not.toBe(key('a=2'))
    expect(key(undefined, ['sid'])).not.toBe(key('', ['sid']))
    const nobody = { headers: { 'x-user': 'sid=1' } }
    const byUser: RouteOptions = { credentials: 'separate', credentialHeaders: ['x-user'], cookies: ['other'] }
    expect(keyOf(nobody, byUser)).not.toBe(keyOf({ headers: { 'x-user': 'sid=2' } }, byUser))
  })
})

describe('the cookies that count', () => {
  it.each([
    ['a=1; b=2', undefined, 'a=1; b=2'],
    ['a=1; b=2; a=3', ['a'], 'a=1; a=3'],
    [' b = 2 ;a=1', ['b'], 'b = 2'],
    ['ab=1', ['a'], ''],
    ['a', ['a'], 'a'],
    ['a=b=c; b=a', ['a', 'b'], 'a=b=c; b=a'],
    ['a=1', [], ''],
    ['b=1, a=2; c=3', ['a'], 'b=1, a=2'],
    ['a.sig=1; a.0=2; a-b=3; ab=4; b.a=5', ['a'], 'a.sig=1; a.0=2'],
    ['A=1; "a"=2; %61=3', ['a'], ''],
    ['a b=1; =a=2; a', ['a b', 'a'], 'a b=1; a'],
  ])('of %j by %j are %j', (cookie, counted, expected) => {
    expect(countedCookies(cookie, counted)).toBe(expected)
  })
})

interface Pair {
  readonly name: string
  readonly value: string
}

describe('the query in a key', () => {
  const areSame = (one: string, other: string, query?: RouteOptions['query']): boolean =>
    primaryKey(view({ target: one }), policy({ query })) === primaryKey(view({ target: other }), policy({ query }))

  it.each<[string, string, RouteOptions['query'], boolean]>([
    ['/?a=1&b=2', '/?b=2&a=1', undefined, false],
    ['/?a=1&b=2', '/?b=2&a=1', 'sorted', true],
    ['/?b=1&c=2&a=3', '/?c=2&a=3&b=1', 'sorted', true],
    ['/?a=1&a=2', '/?a=2&a=1', 'sorted', false],
    ['/?a=1', '/', 'sorted', false],
    ['/a', '/b', 'sorted', false],
    ['/a', '/b', ['x'], false],
    ['/a?x=1', '/b?x=1', ['x'], false],
    ['/?a=1&b=2', '/?a=1b=2', 'sorted', false],
    ['/?a=1&utm=2', '/?utm=3&a=1', ['a'], true],
    ['/?a=1', '/?a=2', ['a'], false],
    ['/?a=1&b=2', '/?a=1&b=3', ['a', 'b'], false],
    ['/?b=1', '/?b=2', ['a'], true],
    ['/?a[x]=1', '/?a[x]=2', ['a'], false],
    ['/?ab=1', '/?ab=2', ['a'], true],
    ['/?%61=1', '/?%61=2', ['a'], false],
    ['/?a+b=1', '/?a+b=2', ['a b'], false],
    ['/?a+b+c=1', '/?a+b+c=2', ['a b c'], false],
    ['/?%zz=1', '/?%zz=2', ['%zz'], false],
    ['/?%zz=1', '/?%zz=2', ['a'], true],
    ['/?a=1?b', '/?a=1?c', ['a'], false],
    ['/?a=1&[a]=2', '/?a=1&[a]=3', ['a'], false],
    ['/?a.b=1', '/?a.b=2', ['a'], false],
    ['/?a]=1', '/?a]=2', ['a'], false],
    ['/?+a+=1', '/?+a+=2', ['a'], false],
    ['/?b=1;a=2', '/?b=1;a=3', ['a'], false],
    ['/?b=1;c=2', '/?b=1;c=3', ['a'], true],
    ['/?ab=1&b[a]=1&b.a=1', '/?ab=2&b[a]=2&b.a=2', ['a'], true],
    ['/?a.b[c]=1', '/?a.b[c]=2', ['a.b'], false],
    ['/;a=1?b=1', '/;a=1?b=2', ['a'], false],
    ['/#a=1?b=1', '/#a=1?b=2', ['a'], false],
    ['/?[]=1', '/?[]=2', ['a'], true],
    ['/??a=1', '/?&?a=1', ['a'], false],
    ['/?a[]=1&a=2', '/?a=2&a[]=1', 'sorted', false],
    ['/?b=1&a[x]=1', '/?a[x]=1&b=1', 'sorted', true],
    ['/?a=1;b=1&b=2', '/?b=2&a=1;b=1', 'sorted', false],
    ['/?[]=1&b=1', '/?b=1&[]=1', 'sorted', true],
  ])('%s and %s by %j are the same: %s', (one, other, query, expected) => {
    expect(areSame(one, other, query)).toBe(expected)
  })

  it('are the same only where every parser sees the same values of what counts', () => {
    const piece = fc.constantFrom(
      'q',
      '%71',
      '=',
      '&',
      ';',
      '[',
      ']',
      '%5B',
      '.',
      '+',
      '%',
      '%ff',
      '%zz',
      '1',
      '2',
      'u',
      '?',
      '#',
    )
    const target = fc.array(piece, { maxLength: 8 }).map(all => `/?${all.join('')}`)
    const changed = fc.record({ from: fc.nat(8), to: piece })
    const valuesOf = (all: string): string => {
      const query = all.slice(2).split('#', 1)[0] ?? ''
      return JSON.stringify([query, query.replaceAll(';', '&')].map(one => new URLSearchParams(one).getAll('q')))
    }
    fc.assert(
      fc.property(target, changed, (one, { from, to }) => {
        const other = one.slice(0, 2 + from) + to + one.slice(2 + from)
        expect(areSame(one, other, ['q']) && valuesOf(other) !== valuesOf(one)).toBe(false)
      }),
      { numRuns: 5_000 },
    )
  })

  it('sorted is the same where each name has the same values in the same order, and nowhere else', () => {
    const names = ['a', 'b', 'c']
    const pair = fc.record({ name: fc.constantFrom(...names), value: fc.constantFrom('1', '2') })
    const pairs = fc.array(pair, { maxLength: 6 })
    const inOrderOf = (list: readonly string[], query: readonly Pair[]): readonly Pair[] =>
      list.flatMap(name => query.filter(one => one.name === name))
    const written = (query: readonly Pair[]): string => query.map(({ name, value }) => `${name}=${value}`).join('&')
    fc.assert(
      fc.property(pairs, pairs, fc.shuffledSubarray(names, { minLength: 3 }), (one, other, order) => {
        expect(areSame(`/?${written(one)}`, `/?${written(inOrderOf(order, one))}`, 'sorted')).toBe(true)
        const areAlike = written(inOrderOf(names, one)) === written(inOrderOf(names, other))
        expect(areSame(`/?${written(one)}`, `/?${written(other)}`, 'sorted')).toBe(areAlike)
      }),
    )
  })
})
