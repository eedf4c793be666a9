import { credentialHeaders } from '../options/credential-headers.ts'
import { FORWARDED, primaryKey } from '../request/key.ts'
import { type KeyedRequest, methodOfEntry } from '../request/keyed-request.ts'
import type { HttpState } from './http-state.ts'
import type { StoredResponse } from '../response/stored-response.ts'
import type { RefreshRequest, RequestView } from '../contract/contract.ts'

/** The right of one request of Stampede's own to refresh a stored response. It can be used once. */
export class RefreshTicket {
  /** The instance that owns the response; for others the request is an ordinary one. */
  readonly owner: object
  readonly stored: StoredResponse
  #isTaken = false

  constructor(owner: object, stored: StoredResponse) {
    this.owner = owner
    this.stored = stored
  }

  /** Whether the request returned to Stampede. */
  get isTaken(): boolean {
    return this.#isTaken
  }

  /** Whether a request with this key must refresh the response. */
  take(key: string): boolean {
    if (this.#isTaken || key !== this.stored.key) return false
    this.#isTaken = true
    return !this.stored.isRemoved
  }
}

/** The page is gone, or the request reached a part of the app that never had it, below a prefix. */
const NOT_FOUND = new Set([404, 410])

/**
 * Whether an answer to Stampede's own request says nothing about the stored response. A stored 404 or 410 is replaced
 * by such an answer.
 */
export function isNotFoundRefresh(
  { ticket }: RequestView,
  status: number,
  stored: StoredResponse | undefined,
): boolean {
  const isOwn = ticket instanceof RefreshTicket && NOT_FOUND.has(status)
  return isOwn && (stored === undefined || !NOT_FOUND.has(stored.status))
}

/** The client's address, as proxies state it: limits and permissions that depend on it apply to the refresh too. */
const ADDRESS = 'x-forwarded-for'
const NO_BODY = ['GET', 'HEAD']

/**
 * The request that refreshes a response in the background, with the target of the triggering request and those of its
 * headers that are in the key. `undefined` if the key contains credentials, which only the client's own request may
 * carry; if there is a body to send; or if the handler was chosen by more than this request shows.
 */
export function refreshRequest(
  { view, policy }: KeyedRequest,
  stored: StoredResponse,
  vary: readonly string[],
): RefreshRequest | undefined {
  const method = methodOfEntry(stored.key)
  const isChosen = view.routed !== undefined || policy.isConstrained
  if (isChosen || view.refresh === undefined || !NO_BODY.includes(method)) return undefined
  const headers: [name: string, value: string][] = []
  for (const name of new Set([ADDRESS, ...FORWARDED, ...policy.keyHeaders, ...vary, ...readByKey({ view, policy })])) {
    const value = view.header(name)
    if (value === undefined || name === 'host') continue
    if (credentialHeaders.includes(name) || policy.credentialHeaders.includes(name)) return undefined
    headers.push([name, value])
  }
  const { scheme, host, target } = view
  return { method, scheme, host, target, headers }
}

/** The headers that the options `key` and `credentials` read of the request. */
function readByKey({ view, policy }: Pick<KeyedRequest, 'view' | 'policy'>): ReadonlySet<string> {
  const read = new Set<string>()
  const spy: RequestView = {
    method: view.method,
    scheme: view.scheme,
    host: view.host,
    target: view.target,
    routed: view.routed,
    header: name => {
      read.add(name.toLowerCase())
      return view.header(name)
    },
    hasClientCertificate: () => view.hasClientCertificate(),
    isGone: () => view.isGone(),
  }
  primaryKey(spy, policy)
  return read
}

/** Keeps the stored response: the next request that finds it stale leads, and its answer counts. */
export function refreshInFront(
  state: HttpState,
  { target }: RequestView,
  stored: StoredResponse,
  reason: 'not-found' | 'not-received',
): void {
  stored.refreshInFront()
  state.emit({ type: 'backoff', target, reason })
}
