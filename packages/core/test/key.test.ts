import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { primaryKey } from '../src/http/key.ts'
import { variantOf } from '../src/http/keyed-request.ts'
import { policy, view } from './views.ts'

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

  it('of variants tell apart the names that select as well as their values', () => {
    const names = fc.uniqueArray(fc.constantFrom(...HEADERS), { maxLength: 3 }).map(list => list.toSorted())
    fc.assert(
      fc.property(parts, names, names, (one, first, second) => {
        const request = { view: view(one), policy: varied, key: 'k', conditions: '', arrivedAt: 0 }
        expect(variantOf(request, first) === variantOf(request, second)).toBe(first.join() === second.join())
      }),
    )
  })

  it('of a sorted query keep the order of the values of one name, however it is spelt', () => {
    const sorted = policy({ query: 'sorted' })
    const key = (query: string): string | null => primaryKey(view({ target: `/?${query}` }), sorted)
    expect(key('b=2&a=1')).toBe(key('a=1&b=2'))
    expect(key('a=1&a=2')).not.toBe(key('a=2&a=1'))
    expect(key('%61=1&a=2')).not.toBe(key('a=2&%61=1'))
  })
})
