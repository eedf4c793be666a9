import { readFileSync } from 'node:fs'
import { OptionError } from '@stampede/core'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { type RedisStoreOptions, redisStore } from '../src/index.ts'
import { FakePort } from './unit/fake-driver.ts'

const port = new FakePort()

function faultOf(options: unknown): string {
  try {
    redisStore(options as RedisStoreOptions)
  } catch (error) {
    if (error instanceof OptionError) return error.message
    throw error
  }
  return 'none'
}

const PORT = { ready: () => true, call: async () => null }

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
    [{ client: {} }, 'client', 'for any other, give a "port"'],
    [{ client: 'redis://localhost' }, 'client', 'a client'],
    [{ port: { call: () => null } }, 'port', 'ready and call'],
    [{ port, namespace: '' }, 'namespace', 'a name'],
    [{ port, namespace: 'a{b' }, 'namespace', 'a name'],
    [{ port, lease: 0 }, 'lease', 'a time in milliseconds'],
    [{ port, lease: Infinity }, 'lease', 'a time in milliseconds'],
    [{ port, timeout: '100' }, 'timeout', 'a time in milliseconds'],
    [{ port, poll: 0 }, 'poll', 'a time in milliseconds'],
    [{ port, heartbeat: -1 }, 'heartbeat', 'a time in milliseconds'],
    [{ port, degradedTtl: Number.NaN }, 'degradedTtl', 'a duration'],
    [{ port, maxUnverified: 0 }, 'maxUnverified', 'a time limit'],
    [{ port, maxEntryBytes: 1.5 }, 'maxEntryBytes', 'a whole number'],
    [{ port, schema: 1 }, 'schema', 'a string'],
    [{ port, secret: '' }, 'secret', 'not empty'],
    [{ port, secret: [] }, 'secret', 'a list'],
    [{ port: { ...PORT, subscribe: 5 } }, 'port', 'where it has them'],
    [{ port, client: {} }, 'client', 'nothing, next to a "port"'],
    [{ port, subscriber: {} }, 'subscriber', 'nothing, next to a "port"'],
    [new Redis({ lazyConnect: true }), 'client', 'redisStore({ client })'],
    [{ client: glideOf('GlideClient', { readFrom: 'preferReplica' }) }, 'client', 'without "readFrom"'],
    [{ client: glideOf('GlideClient', { clientSideCache: {} }) }, 'client', 'without "clientSideCache"'],
    [{ client: glideOf('GlideClusterClient', { clientSideCache: {} }) }, 'client', 'without "clientSideCache"'],
    [{ port, leaseMs: 1 }, 'leaseMs', 'no such option'],
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
