import { count, duration, limit, OptionError, type OptionRule, type OptionRules, resolveOptions } from '@stampede/core'
import type { RedisDriver } from './protocol/driver.ts'
import type { Settings } from './protocol/settings.ts'
import { Signer } from './protocol/signer.ts'

/** Options of a shared store. Durations are milliseconds. */
export interface RedisStoreOptions {
  /**
   * A connected client, or one that connects by itself: ioredis 5 or 6, iovalkey, node-redis 5 or 6 (`createClient`,
   * `createCluster`, `createSentinel`, `createClientPool`), or valkey-glide. The store never closes it. Required,
   * unless there is a `driver`.
   */
  readonly client?: object
  /** A client of the same kind for messages. Default: `client.duplicate()`, which the store opens and closes itself. */
  readonly subscriber?: object
  /** A custom client, in place of `client`. */
  readonly driver?: RedisDriver
  /**
   * The prefix of all keys and channels; processes with the same namespace are one fleet. No braces, spaces or colons.
   * Default: `'st'`.
   */
  readonly namespace?: string
  /** How long the lease of a dead process blocks the others. Renewed while the work runs. Default: 1000. */
  readonly leaseTtl?: number
  /** The time limit of a command. Three time-outs in a row disable the store until it answers. Default: 100. */
  readonly commandTimeout?: number
  /** How long to wait before polling, if a message may have been lost. Default: 250; 50 without messages. */
  readonly pollInterval?: number
  /** How often the log of changes is read, with or without an announcement. Default: 1000. */
  readonly syncInterval?: number
  /** The longest time for which values computed while the store was unreachable stay in memory. Default: 5000. */
  readonly degradedTtl?: number
  /** How long a process may be disconnected from the log before it clears its memory. Default: `Infinity`, forever. */
  readonly maxDisconnected?: number
  /** The largest body, bytes. Larger ones are not shared. Default: 1048576. */
  readonly maxEntryBytes?: number
  /** The version of your values: records of another version are not read. Default: `''`. */
  readonly schemaVersion?: string
  /**
   * Signs records, so that others who can write to the server cannot inject answers. The first of a list signs; all
   * are accepted. Default: none.
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

/** The driver for a client; `undefined` for an unsupported client. */
type DriverOf = (client: object, subscriber: object | undefined) => (() => RedisDriver) | undefined

/** The complete options, and the function that connects. */
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

/** A time that timers and the server support. */
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
