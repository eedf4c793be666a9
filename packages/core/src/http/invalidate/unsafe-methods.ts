import { uriTags } from '../response/response-tags.ts'
import { canonicalHost, hostOf, originForm } from '../rfc/request-target.ts'
import type { HttpState } from '../flight/http-state.ts'
import type { Answered, HeaderLines, RequestView } from '../contract/contract.ts'

/** Known to be safe (RFC 9110 s9.2.1). Any other method may change something, one that nobody knows above all. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/**
 * What is to be told of the answer to this request, since it may invalidate something; nothing where its method is safe,
 * or takes part.
 *
 * @param exempt methods that take part
 */
export function answeredFor(view: RequestView, exempt: readonly string[], state: HttpState): Answered | undefined {
  if (SAFE.has(view.method) || exempt.includes(view.method)) return undefined
  const end = state.unsafeRequests.begin()
  return (headers, status) => {
    try {
      const tags = invalidatedBy(view, status, headers)
      if (tags.length === 0) return
      state.emit({ type: 'invalidate', by: 'method', target: view.target, count: state.drop(tags).count })
    } catch (error) {
      state.emit({ type: 'error', target: view.target, error })
    } finally {
      end()
    }
  }
}

/**
 * The tags of all that a successful answer to an unsafe request invalidates (RFC 9111 s4.4): what is stored for its URI,
 * and for those on the same host that the answer names. None for an answer that failed.
 */
function invalidatedBy(view: RequestView, status: number, headers: HeaderLines): readonly string[] {
  if (status < 200 || status >= 400) return []
  const host = hostOf(view)
  const tags = [...uriTags(host, originForm(view.target))]
  if (view.routed !== undefined) tags.push(...uriTags(host, originForm(view.routed)))
  for (const name of ['location', 'content-location']) {
    for (const reference of headers.get(name) ?? []) {
      const target = targetOn(host, view, reference)
      if (target !== undefined) tags.push(...uriTags(host, target))
    }
  }
  return tags
}

/** The target that a reference names, where it is on this host: another's is not ours to invalidate. */
function targetOn(host: string, view: RequestView, reference: string): string | undefined {
  try {
    // Put together by hand: of a target that begins with "//" a base URL would make another host.
    const url = new URL(reference, `${view.scheme}://${host}${originForm(view.target)}`)
    return canonicalHost(url.host) === host ? url.pathname + url.search : undefined
  } catch {
    return undefined
  }
}
