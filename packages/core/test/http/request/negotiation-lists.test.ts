import { describe, expect, it } from 'vitest'
import { selectingValue, withNormalisedLists } from '../../../src/http/request/negotiation-lists.ts'
import { view } from '../../support/views.ts'

describe('the value that selects a variant', () => {
  it.each([
    ['accept-language', 'en , de;q=0.5', 'en,de;q=0.5'],
    ['accept-language', '  EN-us,\tDE ; q=0.5 ', 'en-us,de;q=0.5'],
    ['accept-encoding', 'gzip,br', 'gzip, br'],
    ['accept-encoding', ' gzip ,  br;q=1.0 ', 'gzip, br;q=1.0'],
    ['accept', 'text/html, */*; q=0.1', 'text/html,*/*;q=0.1'],
  ])('of %s: %j is %j', (name, sent, normal) => {
    expect(selectingValue(name, sent)).toBe(normal)
    expect(selectingValue(name, normal)).toBe(normal)
    expect(withNormalisedLists(new Map(), view({ headers: { [name]: sent } }))).toEqual(new Map([[name, normal]]))
  })

  it.each([
    ['accept-language', 'de,en'],
    ['accept-language', 'en;q=0.9,de;q=0.90'],
    ['accept-encoding', 'GZIP'],
    ['accept', 'text/html;a="b , c" , */*'],
    ['user-agent', 'A  (b , c)'],
    ['cookie', 'a=1 ; b=2 , C'],
    ['origin', 'https://A.example'],
    ['x-tenant', 'A , b'],
    ['accept-language', undefined],
  ])('of %s: %j stays as sent', (name, sent) => {
    expect(selectingValue(name, sent)).toBe(sent)
    expect(withNormalisedLists(new Map(), view({ headers: sent === undefined ? {} : { [name]: sent } }))).toEqual(
      new Map(),
    )
  })
})
