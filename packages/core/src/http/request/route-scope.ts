/** What tells apart routes of one target, where the framework has such. */
export interface RouteScope {
  /** Part of every key. */
  readonly text: string
  /** Whether it says something in this process alone: its answers are not for a store that processes share. */
  readonly isLocal: boolean
  /** Whether the route is chosen by more than method, host and target: a request of Stampede's own may come to another one. */
  readonly isConstrained: boolean
}

const NO_SCOPE: RouteScope = { text: '', isLocal: false, isConstrained: false }

export function scopeOf(scope: RouteScope | string): RouteScope {
  return typeof scope === 'string' ? { ...NO_SCOPE, text: scope } : scope
}

/**
 * The scope of a route that is one of several at its URL, each of which is constrained to other requests.
 *
 * @param constraints by name; `undefined` or empty: none
 */
export function routeScope(url: string, constraints: Readonly<Record<string, unknown>> = {}): RouteScope {
  const shown = Object.entries(constraints).map(([name, value]) => ({ name, ...show(name, value) }))
  return {
    text: JSON.stringify([url, ...shown.map(({ name, kind, text }) => [name, kind, text])]),
    isLocal: shown.some(({ kind }) => kind === 'ordinal'),
    isConstrained: shown.length > 0,
  }
}

/** A scope that nothing else has in this process. */
export function ownScope(): RouteScope {
  return { text: `own ${(scopes += 1)}`, isLocal: true, isConstrained: false }
}

let scopes = 0

interface Shown {
  readonly kind: string
  readonly text: string
}

/** Only what is the same wherever it reads the same is shown by its text. Strategies may tell objects apart by identity. */
function show(name: string, value: unknown): Shown {
  if (name === 'host' && value instanceof RegExp) return { kind: 'pattern', text: String(value) }
  const isShown = value === null || !['object', 'function', 'symbol'].includes(typeof value)
  return isShown ? { kind: typeof value, text: String(value) } : { kind: 'ordinal', text: String(ordinalOf(value)) }
}

/** Of what routes are constrained to: there are as many as routes at most. */
const ordinals = new Map<unknown, number>()

function ordinalOf(value: unknown): number {
  const ordinal = ordinals.get(value) ?? ordinals.size
  ordinals.set(value, ordinal)
  return ordinal
}
