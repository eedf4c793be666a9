import type { Framework, Served } from './served.ts'

/** What one server is measured with. */
export interface HttpLane {
  readonly name: string
  readonly served: Served
  /** Whether its requests carry a cookie; those of the others carry another field of the same length. */
  readonly hasCookie: boolean
  /** What stands in the head of each answer where all is as it should be. */
  readonly shows: RegExp | undefined
  /** The lanes of which it is wanted to have so large a part of the throughput. */
  readonly targets: readonly HttpTarget[]
  /** The lane that does the same but for Stampede. */
  readonly beside: string | undefined
}

export interface HttpTarget {
  readonly of: string
  readonly atLeast: number
}

export const BARE = 'bare Buffer'
export const CONTROL = 'bare Buffer, again'
export const BARE_JSON = 'bare JSON'
const BARE_FIELDS = 'bare Buffer, fields of a hit'
const IDLE = 'idle middleware, Buffer'

const PEERS: Readonly<Record<Framework, { name: string; shows: RegExp } | undefined>> = {
  // Those of Fastify speak of browsers' caches, or need a store of their own.
  fastify: undefined,
  hono: { name: 'hono/cache', shows: /^/ },
  koa: { name: 'koa-cash', shows: /^/ },
}

const HIT = /\r\ncache-status: [^\r]*hit/i
const BYPASS = /\r\ncache-status: [^\r]*fwd=bypass/i

/** All that is measured of one framework with bodies of one size, in one run. JSON only where one would make it for each answer. */
export function lanesOf(framework: Framework, bytes: number, hasJson: boolean): readonly HttpLane[] {
  const laneOf = (name: string, served: Partial<Served>, more: Partial<HttpLane> = {}): HttpLane => ({
    name,
    served: { framework, front: 'bare', answer: 'buffer', bytes, pace: 'ready', ...served },
    hasCookie: false,
    shows: undefined,
    targets: [],
    beside: undefined,
    ...more,
  })
  const cached = { front: 'stampede' } as const
  const peer = PEERS[framework]
  const overBuffer = { of: BARE, atLeast: 0.95 }
  const overJson = { of: BARE_JSON, atLeast: 1.35 }
  const json = { answer: 'json' } as const
  return [
    laneOf(BARE, {}),
    laneOf(CONTROL, {}),
    laneOf('hit of Buffer', cached, { shows: HIT, targets: [overBuffer], beside: BARE_FIELDS }),
    laneOf('bypass (cookie)', cached, {
      shows: BYPASS,
      hasCookie: true,
      targets: [{ of: BARE, atLeast: 0.97 }],
      beside: IDLE,
    }),
    // Another one may get hold of the bytes.
    laneOf('hit of Buffer, idle middleware too', { front: 'beside' }, { shows: HIT }),
    // The least that anything in front of a handler costs; and what the fields of a hit cost wherever they are set.
    laneOf(IDLE, { front: 'idle' }),
    laneOf(BARE_FIELDS, { front: 'fields' }),
    ...(peer ? [laneOf(`${peer.name}, Buffer`, { front: 'peer' }, { shows: peer.shows })] : []),
    laneOf('node:http Buffer', { framework: 'node' }),
    ...(hasJson ? [laneOf(BARE_JSON, json)] : []),
    ...(hasJson ? [laneOf('hit of JSON', { ...cached, ...json }, { shows: HIT, targets: [overJson] })] : []),
    ...(hasJson && peer ? [laneOf(`${peer.name}, JSON`, { front: 'peer', ...json }, { shows: peer.shows })] : []),
  ]
}
