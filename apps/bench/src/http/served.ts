/** The frameworks that have an adapter; and what all of them stand on. */
export const FRAMEWORKS = ['fastify', 'hono', 'koa'] as const

export type Framework = (typeof FRAMEWORKS)[number]

/**
 * What a server has in front of its handler: nothing, Stampede, Stampede beside a middleware (in Fastify a hook) that does
 * nothing, what users of the framework have today, or that middleware alone. With `fields`, nothing, and the handler sends
 * the header fields of a hit.
 */
export type Front = 'bare' | 'stampede' | 'beside' | 'peer' | 'idle' | 'fields'

/** What one server serves, at every path. */
export interface Served {
  readonly framework: Framework | 'node'
  readonly front: Front
  /** A Buffer that is ready, or an object that is made into JSON for each answer. */
  readonly answer: 'buffer' | 'json'
  readonly bytes: number
  /** Whether the handler answers at once, after a while, or on request. */
  readonly pace: 'ready' | 'slow' | 'held'
  /** Where the Redis is that Stampede shares its answers by, with room for few of them in its own memory. */
  readonly redis?: number
}

/** For how long what is measured as a hit stays fresh, milliseconds. */
export const TTL = 3_600_000

/** How long a slow handler takes, milliseconds. */
export const SLOW = 200

/** The header fields of a hit beside those of a bare handler's answer. */
export const FIELDS = { date: 'Sun, 06 Nov 1994 08:49:37 GMT', age: '0', 'cache-status': 'stampede; hit; ttl=3599' }

/** The handler of a server, without its framework. */
export interface Handler {
  readonly body: Buffer | object
  /** What is to be awaited before the answer; `undefined` where it is ready. */
  readonly pause: (() => Promise<void>) | undefined
}

/** Starts a server, and resolves with its port. */
export type Start = (served: Served, handler: Handler) => Promise<number>
