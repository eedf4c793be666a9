import { BoundedMap } from '../../base/bounded-map.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import type { RequestView } from '../contract/contract.ts'

const MAX_KEYS = 1000
/** Bound on the length of all targets; what is kept for each has some four times as many characters. */
const MAX_CHARACTERS = 256 * 1024

/** The keys of a plain GET, composed. */
export interface RecentKey {
  /** Primary key. */
  readonly key: string
  /** Of answers that do not vary. */
  readonly variant: string
  /** What such an answer is stored under. */
  readonly entry: string
}

interface Known extends RecentKey {
  readonly policy: HttpPolicy
  readonly scheme: string
  readonly host: string
  readonly routed: string | undefined
}

/** The keys of plain GETs that were hits. To compose, and to hash, them for each request anew costs half of what `open` does. */
export class RecentKeys {
  readonly #byTarget = new BoundedMap<Known>(MAX_KEYS, MAX_CHARACTERS)

  /** Those of a request: all that a plain one's keys are made of is as it was. */
  find(view: RequestView, policy: HttpPolicy): RecentKey | undefined {
    const known = view.method === 'GET' ? this.#byTarget.get(view.target) : undefined
    if (known?.policy !== policy || known.routed !== view.routed) return undefined
    return known.host === view.host && known.scheme === view.scheme ? known : undefined
  }

  remember({ target, method, host, scheme, routed }: RequestView, policy: HttpPolicy, keys: RecentKey): void {
    // Of a key that is the app's own nobody knows what it is made of; a Host field that is empty is told from none.
    if (method !== 'GET' || policy.key !== undefined || host === '') return
    this.#byTarget.set(target, { ...keys, policy, scheme, host, routed })
  }
}
