import { readFileSync } from 'node:fs'
import { OptionError } from '@stampede/core'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { type RedisStoreOptions, redisStore } from '../src/index.ts'
import { FakeDriver } from './unit/fake-driver.ts'

const driver = new FakeDriver()

function faultOf(options: unknown): string {
  try {
    redisStore(options as RedisStoreOptions)
  } catch (error) {
    if (error instanceof OptionError) return error.message
    throw error
  }
  return 'none'
}

const DRIVER = { ready: () => true, call: async () => null }

/** A client of valkey-glide by its shape. */
function glideOf(kind: string, config: object): object {
  return { constructor: { name: kind }, customCommand: () => {}, config }
}

it.each([
  ['GlideClient', 'primary'],
  ['GlideClusterClient', 'preferReplica'],
])('a %s that reads from %s will do', (kind, readFrom) => {
  expect(faultOf({ client: glideOf(kind, { readFrom }) })).toBe('none')
})

describe('an option that cannot be', () => {
  it.each([
    [undefined, 'client', 'a client'],
    [{ client: {} }, 'client', 'for any other, give a "driver"'],
    [{ client: 'redis://localhost' }, 'client', 'a client'],
    [{ driver: { call: () => null } }, 'driver', 'ready and call'],
    [{ driver, namespace: '' }, 'namespace', 'a name'],
    [{ driver, namespace: 'a{b' }, 'namespace', 'a name'],
    [{ driver, leaseTtl: 0 }, 'leaseTtl', 'a time in milliseconds'],
    [{ driver, leaseTtl: Infinity }, 'leaseTtl', 'a time in milliseconds'],
    [{ driver, commandTimeout: '100' }, 'commandTimeout', 'a time in milliseconds'],
    [{ driver, pollInterval: 0 }, 'pollInterval', 'a time in milliseconds'],
    [{ driver, syncInterval: -1 }, 'syncInterval', 'a time in milliseconds'],
    [{ driver, degradedTtl: Number.NaN }, 'degradedTtl', 'a duration'],
    [{ driver, maxDisconnected: 0 }, 'maxDisconnected', 'a time limit'],
    [{ driver, maxEntryBytes: 1.5 }, 'maxEntryBytes', 'a whole number'],
    [{ driver, schemaVersion: 1 }, 'schemaVersion', 'a string'],
    [{ driver, secret: '' }, 'secret', 'not empty'],
    [{ driver, secret: [] }, 'secret', 'a list'],
    [{ driver: { ...DRIVER, subscribe: 5 } }, 'driver', 'where it has them'],
    [{ driver, client: {} }, 'client', 'nothing, next to a "driver"'],
    [{ driver, subscriber: {} }, 'subscriber', 'nothing, next to a "driver"'],
    [new Redis({ lazyConnect: true }), 'client', 'redisStore({ client })'],
    [{ client: glideOf('GlideClient', { readFrom: 'preferReplica' }) }, 'client', 'without "readFrom"'],
    [{ client: glideOf('GlideClient', { clientSideCache: {} }) }, 'client', 'without "clientSideCache"'],
    [{ client: glideOf('GlideClusterClient', { clientSideCache: {} }) }, 'client', 'without "clientSideCache"'],
    [{ driver, leaseMs: 1 }, 'leaseMs', 'no such option'],
  ])('is named: %#', (options, name, takes) => {
    expect(faultOf(options)).toContain(`option "${name}"`)
    expect(faultOf(options)).toContain(takes)
  })

  it('is a subscriber of another kind than the client', () => {
    const client = new Redis({ lazyConnect: true })
    expect(faultOf({ client, subscriber: { customCommand: () => {} } })).toContain('option "subscriber"')
    expect(faultOf({ client, subscriber: client })).toBe('none')
  })
})

it('the README names all options, with their defaults', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const named = [...readme.matchAll(/^\| `(\w+)` +\| (.+?) +\|/gm)].map(([, name = '', byDefault = '']) => [
    name,
    byDefault,
  ])
  const known = /Known ones: (.*)$/.exec(faultOf({ none: 1 }))?.[1]?.split(', ') ?? []
  expect(named.map(([name]) => name)).toEqual(known)
  const source = readFileSync(new URL('../src/store-options.ts', import.meta.url), 'utf8')
  for (const [name = '', byDefault = ''] of named.filter(([, value = '']) => /^\d+$/.test(value))) {
    expect(source).toMatch(new RegExp(`Default: ${byDefault}[.;][^/]*\\*/\\s+readonly ${name}\\?:`))
  }
})
