import { describe, expect, it } from 'vitest'
import { deltaMs, parseCacheControl } from '../src/http/cache-control.ts'

describe('Cache-Control', () => {
  it.each([
    ['max-age=60', 60_000],
    ['MAX-AGE = "60"', 60_000],
    ['public, max-age=60, immutable', 60_000],
    ['max-age=60, max-age=30', 30_000],
    ['max-age=sixty', 0],
    ['max-age=-1', 0],
    ['max-age', 0],
    ['max-age=1.5', 0],
    ['max-age=99999999999999999999', 2 ** 31 * 1000],
    ['x="max-age=60", y=1', undefined],
    ['no-max-age=60', undefined],
    ['', undefined],
  ])('%j is fresh for %s ms', (field, expected) => {
    expect(deltaMs(parseCacheControl(field), 'max-age')).toBe(expected)
  })

  it('knows a qualified directive by its name, and nothing that stands within quotes', () => {
    const directives = parseCacheControl('private="set-cookie, x", ext="a, no-store"')
    expect([directives.has('private'), directives.has('no-store'), directives.has('x')]).toEqual([true, false, false])
  })
})
