import { describe, expect, it } from 'vitest'
import { type CallOptions, Stampede, type StampedeOptions } from '../../../src/index.ts'
import { resolveStampedeOptions, settingsOf } from '../../../src/functions/state/function-options.ts'
import { setUp, TTL } from '../../support/set-up.ts'

const LIFETIME = 'a duration in milliseconds: a number, 0 or more, or Infinity'
const LIMIT = 'a time limit in milliseconds: a number above 0, or Infinity for none'
const COUNT = 'a whole number, 1 or more'
const BYTES = 'a number of bytes, 0 or more, or Infinity'
const BETA = 'a number, 0 or more: the beta of XFetch'
const TAGS = 'an array of strings'
const nothing = 'nothing: there is no such option. Known ones: '

describe('an option of the cache', () => {
  it.each([
    ['ttl', -1, LIFETIME],
    ['staleWhileRevalidate', -1, LIFETIME],
    ['staleIfError', -1, LIFETIME],
    ['errorTtl', -1, LIFETIME],
    ['timeout', 0, LIMIT],
    ['softTimeout', 0, LIMIT],
    ['maxEntries', 0, COUNT],
    ['maxFlights', 0, COUNT],
    ['maxBytes', -1, BYTES],
    ['maxBytes', 5, 'a bound only together with the option "sizeOf"'],
    ['maxBytes', 0, 'a bound only together with the option "sizeOf"'],
    ['sizeOf', 5, 'a function (value, key) => bytes'],
    ['jitter', -0.1, 'a number from 0 to 1'],
    ['jitter', 1.1, 'a number from 0 to 1'],
    ['earlyRefresh', -1, BETA],
    ['earlyRefresh', Number.POSITIVE_INFINITY, BETA],
    ['earlyRefresh', '1', BETA],
    ['random', 5, 'a function () => number'],
    ['onEvent', 5, 'a function (event) => void'],
  ])('%s cannot be %s: the error says what it takes', (name, value, takes) => {
    const got = typeof value === 'string' ? `"${value}"` : value
    expect(() => new Stampede({ [name]: value })).toThrow(`stampede: option "${name}" got ${got}; it takes ${takes}`)
  })

  it.each<StampedeOptions>([
    { ttl: 0, staleWhileRevalidate: 0, staleIfError: 0, errorTtl: 0 },
    { ttl: Number.POSITIVE_INFINITY, timeout: Number.POSITIVE_INFINITY, softTimeout: Number.POSITIVE_INFINITY },
    { maxBytes: Number.POSITIVE_INFINITY },
    { maxBytes: 0, sizeOf: () => 1 },
    { jitter: 0, earlyRefresh: 0 },
    { jitter: 1, earlyRefresh: 0.5 },
    { maxEntries: 1, maxFlights: 1, timeout: 0.5, softTimeout: 0.5 },
  ])('may be at its limits: %j', options => {
    expect(new Stampede(options).stats().entries).toBe(0)
  })

  it('is by default: 1000 entries, 30 seconds for a fetch, and nothing is stored', async () => {
    const { cache, clock, fetch } = setUp()
    await cache.get('k', () => 'not stored')
    expect(cache.stats().entries).toBe(0)
    for (let key = 0; key <= 1_000; key += 1) await cache.set(`${key}`, key, { ttl: TTL })
    expect(cache.stats()).toMatchObject({ entries: 1_000, evictions: 1 })
    const waiting = cache.get('k', fetch)
    clock.advance(29_999)
    expect(cache.stats().flights).toBe(1)
    clock.advance(1)
    await expect(waiting).rejects.toThrow('timeout of 30000 ms')
  })
})

describe('an option of a call', () => {
  it.each([
    ['ttl', -1, LIFETIME],
    ['staleWhileRevalidate', -1, LIFETIME],
    ['staleIfError', -1, LIFETIME],
    ['errorTtl', -1, LIFETIME],
    ['timeout', 0, LIMIT],
    ['tags', 5, TAGS],
    ['signal', 5, 'an AbortSignal'],
    ['jitter', 5, `${nothing}ttl, staleWhileRevalidate, staleIfError, errorTtl, timeout, tags, signal`],
  ])('%s cannot be %s: the error says what it takes', async (name, value, takes) => {
    const { cache, fetch } = setUp()
    const options = { [name]: value } as CallOptions
    const message = `stampede: option "${name}" got ${value}; it takes ${takes}`
    await expect(cache.get('k', fetch, options)).rejects.toThrow(message)
    await expect(cache.getMany(['k'], () => new Map(), options)).rejects.toThrow(message)
    expect(cache.stats().fetches).toBe(0)
  })

  it('holds in place of the one of the cache, and one that is undefined does not', async () => {
    const { cache } = setUp({ ttl: TTL })
    await cache.get('own', () => 1, { ttl: 10 })
    await cache.get('unset', () => 1, { ttl: undefined, tags: undefined, signal: undefined })
    await cache.set('set', 1, { ttl: 10, staleIfError: undefined })
    expect(['own', 'unset', 'set'].map(key => cache.peek(key)?.ttl)).toEqual([10, TTL, 10])
  })
})

describe('the settings of a call', () => {
  const base = { ...resolveStampedeOptions<unknown>({}), tags: [] }

  it.each<CallOptions>([{}, { signal: new AbortController().signal }, { ttl: undefined, tags: undefined }])(
    'are those of the cache where it has none of its own: entries share them, and keep no signal alive',
    options => {
      expect(settingsOf(base, options)).toBe(base)
    },
  )

  it('keep no signal alive beside options of its own either', () => {
    expect(settingsOf(base, { ttl: 5, signal: new AbortController().signal })).toEqual({ ...base, ttl: 5 })
  })
})

describe('an option of set', () => {
  it.each([
    ['ttl', -1, LIFETIME],
    ['staleWhileRevalidate', -1, LIFETIME],
    ['staleIfError', -1, LIFETIME],
    ['tags', 5, TAGS],
    ['timeout', 5, `${nothing}ttl, staleWhileRevalidate, staleIfError, tags`],
  ])('%s cannot be %s: the error says what it takes, and nothing is changed', (name, value, takes) => {
    const { cache } = setUp({ ttl: TTL })
    expect(() => cache.set('k', 1, { [name]: value })).toThrow(
      `stampede: option "${name}" got ${value}; it takes ${takes}`,
    )
    expect(cache.stats().entries).toBe(0)
  })
})

describe('options that the caller changes afterwards', () => {
  it('do not affect a fetch in progress: it is invalidated by its original tags', async () => {
    const { cache, gate, fetch } = setUp({ ttl: TTL })
    const tags = ['a']
    const waiting = cache.get('k', fetch, { tags })
    tags[0] = 'b'
    await cache.invalidateTags('a')
    gate.open()
    expect(await waiting).toBe('run 1')
    expect(cache.peek('k')).toBeUndefined()
  })

  it('do not affect a stored value: it is invalidated by its original tags, and by no others', async () => {
    const { cache } = setUp({ ttl: TTL })
    const tags = ['a']
    await cache.set('set', 'x', { tags })
    await cache.get('fetched', () => 'x', { tags })
    tags[0] = 'b'
    await cache.set('set', 'without a tag')
    await cache.invalidateTags('b')
    expect(cache.peek('fetched')).toMatchObject({ value: 'x' })
    await cache.invalidateTags('a')
    expect([cache.peek('set')?.value, cache.peek('fetched')]).toEqual(['without a tag', undefined])
  })
})
