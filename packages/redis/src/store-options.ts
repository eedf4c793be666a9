import { count, duration, limit, OptionError, type OptionRule, type OptionRules, resolveOptions } from '@stampede/core'
import type { RedisDriver } from './protocol/driver.ts'
import type { Settings } from './protocol/settings.ts'
import { Signer } from './protocol/signer.ts'

/** What a shared store can be told. Durations are milliseconds. */
export interface RedisStoreOptions {
  /**
   * A connected client, or one that connects by itself: ioredis 5 or 6, iovalkey, node-redis 5 or 6 (`createClient`,
   * `createCluster`, `createSentinel`, `createClientPool`), or valkey-glide. It stays yours: the store never closes it. This
   * or `driver`.
   */
  readonly client?: object
  /** A client of the same kind to listen with. Default: `client.duplicate()`, which the store connects and closes itself. */
  readonly subscriber?: object
  /** A client of your own making, in place of `client`. */
  readonly driver?: RedisDriver
  /** What all keys and channels begin with; those who share it are one fleet. No braces, spaces or colons. Default: `'st'`. */
  readonly namespace?: string
  /** After how long others take over from a process that died. Renewed as long as the work goes on. Default: 1000. */
  readonly leaseTtl?: number
  /** How long a command may take. Three in a row that take longer, and the store is not asked until it answers again. Default: 100. */
  readonly commandTimeout?: number
  /** How long to wait before asking again, where another process's message may have been lost. Default: 250; 50 where none arrive. */
  readonly pollInterval?: number
  /** How often the log of changes is read, whether or not one was announced. Default: 1000. */
  readonly syncInterval?: number
  /** How long at most a process keeps in its memory what it computed while the store did not answer. Default: 5000. */
  readonly degradedTtl?: number
  /** After how long without a reading of the log a process drops what it has in memory. Default: `Infinity`, never. */
  readonly maxDisconnected?: number
  /** The largest body, bytes. What is larger is shared with nobody. Default: 1048576. */
  readonly maxEntryBytes?: number
  /** Names the form of your values: records of another one are not read. Default: `''`. */
  readonly schemaVersion?: string
  /**
   * Signs what is stored, so that nobody else who can write to the server can put answers into your processes' mouths. The
   * first of a list signs; all are accepted. Default: none.
   */
  readonly secret?: string | readonly string[]
}

type Given = Required<Omit<RedisStoreOptions, 'client' | 'subscriber' | 'driver' | 'pollInterval' | 'secret'>> & {
  readonly client: object | undefined
  readonly subscriber: object | undefined
  readonly driver: RedisDriver | undefined
  readonly pollInterval: number | undefined
  readonly secret: string | readonly string[] | undefined
}

const LOG_LENGTH = 10_000
const MEBIBYTE = 1_048_576

const RULES: OptionRules<Given> = {
  client: { takes: 'a client, as an object', default: undefined, accepts: isObject },
  subscriber: { takes: 'a client, as an object', default: undefined, accepts: isObject },
  driver: {
    takes:
      'a driver: an object with the functions ready and call, and subscribe, subReady, onReady and close where it has them',
    default: undefined,
    accepts: isDriver,
  },
  namespace: {
    takes: 'a name without braces, colons and spaces, 1 to 100 characters long',
    default: 'st',
    accepts: value => typeof value === 'string' && /^[^\s:{}]{1,100}$/.test(value),
  },
  leaseTtl: limitedTime(1_000),
  commandTimeout: limitedTime(100),
  pollInterval: { ...limitedTime(0), default: undefined },
  syncInterval: limitedTime(1_000),
  degradedTtl: duration(5_000),
  maxDisconnected: limit(Number.POSITIVE_INFINITY),
  maxEntryBytes: count(MEBIBYTE),
  schemaVersion: { takes: 'a string', default: '', accepts: value => typeof value === 'string' },
  secret: { takes: 'a string that is not empty, or a list of them', default: undefined, accepts: isSecret },
}

/** How a client is used; undefined where it is not known. */
type DriverOf = (client: object, subscriber: object | undefined) => (() => RedisDriver) | undefined

/** The options in full, and the way to the client, which is known already. */
export function resolveStoreOptions(
  options: unknown,
  driverOf: DriverOf,
): { readonly settings: Settings; readonly connect: () => RedisDriver } {
  if (isObject(options) && driverOf(options, undefined) !== undefined)
    throw new OptionError('client', undefined, 'the client, as in redisStore({ client })')
  const { schemaVersion, secret, ...given } = resolveOptions(RULES, options)
  const { client, subscriber, driver, ...rest } = given
  const signer = secret === undefined ? undefined : new Signer(typeof secret === 'string' ? [secret] : secret)
  const settings: Settings = { ...rest, logLength: LOG_LENGTH, record: { schema: schemaVersion, signer } }
  return { settings, connect: connectOf({ client, subscriber, driver }, driverOf) }
}

function connectOf(
  { client, subscriber, driver }: Pick<Given, 'client' | 'subscriber' | 'driver'>,
  driverOf: DriverOf,
): () => RedisDriver {
  if (driver !== undefined) {
    for (const [name, one] of Object.entries({ client, subscriber })) {
      if (one !== undefined) throw new OptionError(name, one, 'nothing, next to a "driver"')
    }
    return () => driver
  }
  const connect = client && driverOf(client, subscriber)
  if (connect === undefined) throw new OptionError('client', client, KNOWN)
  return connect
}

const KNOWN = 'a client of ioredis, iovalkey, redis 5 or later, or @valkey/valkey-glide; for any other, give a "driver"'

/** A time that a timer and the server can hold. */
function limitedTime(byDefault: number): OptionRule<number> {
  return {
    takes: 'a time in milliseconds: a number from 1 to 2147483647',
    default: byDefault,
    accepts: value => typeof value === 'number' && value >= 1 && value <= 2_147_483_647,
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

const DRIVER = ['ready', 'call']
const DRIVER_MAY_HAVE = ['subscribe', 'subReady', 'onReady', 'close']

function isDriver(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const members = value as Readonly<Record<string, unknown>>
  const isFunction = (name: string): boolean => typeof members[name] === 'function'
  return DRIVER.every(isFunction) && DRIVER_MAY_HAVE.every(name => members[name] === undefined || isFunction(name))
}

function isSecret(value: unknown): boolean {
  const secrets: readonly unknown[] = Array.isArray(value) ? value : [value]
  return secrets.length > 0 && secrets.every(secret => typeof secret === 'string' && secret !== '')
}
