import { count, duration, limit, OptionError, type OptionRule, type OptionRules, resolveOptions } from '@stampede/core'
import type { RedisPort } from './protocol/driver.ts'
import type { Settings } from './protocol/settings.ts'
import { Signer } from './protocol/signer.ts'

/** What a shared store can be told. Durations are milliseconds. */
export interface RedisStoreOptions {
  /**
   * A connected client, or one that connects by itself: ioredis 5 or 6, iovalkey, node-redis 5 or 6 (`createClient`,
   * `createCluster`, `createSentinel`, `createClientPool`), or valkey-glide. It stays yours: the store never closes it. This
   * or `port`.
   */
  readonly client?: object
  /** A client of the same kind to listen with. Default: `client.duplicate()`, which the store connects and closes itself. */
  readonly subscriber?: object
  /** A client of your own making, in place of `client`. */
  readonly port?: RedisPort
  /** What all keys and channels begin with; those who share it are one fleet. No braces, spaces or colons. Default: `'st'`. */
  readonly namespace?: string
  /** After how long others take over from a process that died. Renewed as long as the work goes on. Default: 1000. */
  readonly lease?: number
  /** How long a command may take. Three in a row that take longer, and the store is not asked until it answers again. Default: 100. */
  readonly timeout?: number
  /** How long to wait before asking again, where another process's message may have been lost. Default: 250; 50 where none arrive. */
  readonly poll?: number
  /** How often the log of changes is read, whether or not one was announced. Default: 1000. */
  readonly heartbeat?: number
  /** How long at most a process keeps in its memory what it computed while the store did not answer. Default: 5000. */
  readonly degradedTtl?: number
  /** After how long without a reading of the log a process drops what it has in memory. Default: `Infinity`, never. */
  readonly maxUnverified?: number
  /** The largest body, bytes. What is larger is shared with nobody. Default: 1048576. */
  readonly maxEntryBytes?: number
  /** Names the form of your values: records of another one are not read. Default: `''`. */
  readonly schema?: string
  /**
   * Signs what is stored, so that nobody else who can write to the server can put answers into your processes' mouths. The
   * first of a list signs; all are accepted. Default: none.
   */
  readonly secret?: string | readonly string[]
}

type Given = Required<Omit<RedisStoreOptions, 'client' | 'subscriber' | 'port' | 'poll' | 'secret'>> & {
  readonly client: object | undefined
  readonly subscriber: object | undefined
  readonly port: RedisPort | undefined
  readonly poll: number | undefined
  readonly secret: string | readonly string[] | undefined
}

const LOG_LENGTH = 10_000
const MEBIBYTE = 1_048_576

const RULES: OptionRules<Given> = {
  client: { takes: 'a client, as an object', default: undefined, accepts: isObject },
  subscriber: { takes: 'a client, as an object', default: undefined, accepts: isObject },
  port: {
    takes:
      'a port: an object with the functions ready and call, and subscribe, subReady, onReady and close where it has them',
    default: undefined,
    accepts: isPort,
  },
  namespace: {
    takes: 'a name without braces, colons and spaces, 1 to 100 characters long',
    default: 'st',
    accepts: value => typeof value === 'string' && /^[^\s:{}]{1,100}$/.test(value),
  },
  lease: limitedTime(1_000),
  timeout: limitedTime(100),
  poll: { ...limitedTime(0), default: undefined },
  heartbeat: limitedTime(1_000),
  degradedTtl: duration(5_000),
  maxUnverified: limit(Number.POSITIVE_INFINITY),
  maxEntryBytes: count(MEBIBYTE),
  schema: { takes: 'a string', default: '', accepts: value => typeof value === 'string' },
  secret: { takes: 'a string that is not empty, or a list of them', default: undefined, accepts: isSecret },
}

/** How a client is used; undefined where it is not known. */
type PortOf = (client: object, subscriber: object | undefined) => (() => RedisPort) | undefined

/** The options in full, and the way to the client, which is known already. */
export function resolveStoreOptions(
  options: unknown,
  portOf: PortOf,
): { readonly settings: Settings; readonly connect: () => RedisPort } {
  if (isObject(options) && portOf(options, undefined) !== undefined)
    throw new OptionError('client', undefined, 'the client, as in redisStore({ client })')
  const { schema, secret, ...given } = resolveOptions(RULES, options)
  const { client, subscriber, port, ...rest } = given
  const signer = secret === undefined ? undefined : new Signer(typeof secret === 'string' ? [secret] : secret)
  const settings: Settings = { ...rest, logLength: LOG_LENGTH, terms: { schema, signer } }
  return { settings, connect: connectOf({ client, subscriber, port }, portOf) }
}

function connectOf(
  { client, subscriber, port }: Pick<Given, 'client' | 'subscriber' | 'port'>,
  portOf: PortOf,
): () => RedisPort {
  if (port !== undefined) {
    for (const [name, one] of Object.entries({ client, subscriber })) {
      if (one !== undefined) throw new OptionError(name, one, 'nothing, next to a "port"')
    }
    return () => port
  }
  if (client === undefined) throw new OptionError('client', client, 'a client; or give a "port"')
  const connect = portOf(client, subscriber)
  if (connect === undefined) throw new OptionError('client', client, KNOWN)
  return connect
}

const KNOWN = 'a client of ioredis, iovalkey, redis 5 or later, or @valkey/valkey-glide; for any other, give a "port"'

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

const PORT = ['ready', 'call']
const PORT_MAY_HAVE = ['subscribe', 'subReady', 'onReady', 'close']

function isPort(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const members = value as Readonly<Record<string, unknown>>
  const isFunction = (name: string): boolean => typeof members[name] === 'function'
  return PORT.every(isFunction) && PORT_MAY_HAVE.every(name => members[name] === undefined || isFunction(name))
}

function isSecret(value: unknown): boolean {
  const secrets: readonly unknown[] = Array.isArray(value) ? value : [value]
  return secrets.length > 0 && secrets.every(secret => typeof secret === 'string' && secret !== '')
}
