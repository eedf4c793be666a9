import { BoundedMap } from '../../base/bounded-map.ts'
import type { HttpPolicy } from '../options/http-policy.ts'
import type { RequestView } from '../contract/contract.ts'

const MAX_KEYS = 1000
/** Maximum length of all targets; the memory for each is about four times as many characters. */
const MAX_CHARACTERS = 256 * 1024

/** The keys of a plain GET. */
export interface RecentKey {
  /** Primary key. */
  readonly key: string
  /** The variant, for answers that do not vary. */
  readonly variant: string
  /** The key of such an answer in the store. */
  readonly entry: string
}

interface Known extends RecentKey {
  readonly policy: HttpPolicy
  readonly scheme: string
  readonly host: string
  readonly routed: string | undefined
}

/** The keys of plain GETs that were hits. Composing and hashing them for each request costs half of `open`. */
export class RecentKeys {
  readonly #byTarget = new BoundedMap<Known>(MAX_KEYS, MAX_CHARACTERS)

  /** The keys of a request, if everything that they are made of is the same as before. */
  find(view: RequestView, policy: HttpPolicy): RecentKey | undefined {
    const known = view.method === 'GET' ? this.#byTarget.get(view.target) : undefined
    if (known?.policy !== policy || known.routed !== view.routed) return undefined
    return known.host === view.host && known.scheme === view.scheme ? known : undefined
  }

  remember({ target, method, host, scheme, routed }: RequestView, policy: HttpPolicy, keys: RecentKey): void {
    // A key made by the app may depend on anything; an empty Host field differs from an absent one.
    if (method !== 'GET' || policy.key !== undefined || host === '') return
    this.#byTarget.set(target, { ...keys, policy, scheme, host, routed })
  }
}
