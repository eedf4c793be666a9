/** Distinguishes routes with the same target, in frameworks that have such routes. */
export interface RouteScope {
  /** Part of every key. */
  readonly text: string
  /** Whether the scope has a meaning in this process alone, so that answers stay out of a shared store. */
  readonly isLocal: boolean
  /**
   * Whether the route is chosen by more than method, host and target, so that a request of Stampede's own may reach
   * another route.
   */
  readonly isConstrained: boolean
}

const NO_SCOPE: RouteScope = { text: '', isLocal: false, isConstrained: false }

export function scopeOf(scope: RouteScope | string): RouteScope {
  return typeof scope === 'string' ? { ...NO_SCOPE, text: scope } : scope
}

/**
 * The scope of one of several routes at a URL, each with its own constraints.
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

/** A scope that is unique in this process. */
export function ownScope(): RouteScope {
  return { text: `own ${(scopes += 1)}`, isLocal: true, isConstrained: false }
}

let scopes = 0

interface Shown {
  readonly kind: string
  readonly text: string
}

/**
 * Only a value that means the same wherever its text is the same is shown as text. Strategies may compare objects by
 * identity.
 */
function show(name: string, value: unknown): Shown {
  if (name === 'host' && value instanceof RegExp) return { kind: 'pattern', text: String(value) }
  const isShown = value === null || !['object', 'function', 'symbol'].includes(typeof value)
  return isShown ? { kind: typeof value, text: String(value) } : { kind: 'ordinal', text: String(ordinalOf(value)) }
}

/** The values of constraints: at most as many as routes. */
const ordinals = new Map<unknown, number>()

function ordinalOf(value: unknown): number {
  const ordinal = ordinals.get(value) ?? ordinals.size
  ordinals.set(value, ordinal)
  return ordinal
}
