import { uriTags } from '../response/response-tags.ts'
import { canonicalHost, hostOf, originForm } from '../rfc/request-target.ts'
import type { HttpState } from '../flight/http-state.ts'
import type { Answered, HeaderLines, RequestView } from '../contract/contract.ts'

/** Safe methods (RFC 9110 s9.2.1). Any other method may change something, unknown ones above all. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/**
 * The function to call with the answer to this request, which may invalidate something. `undefined` for a safe method,
 * and for one that takes part.
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
 * The tags that a successful answer to an unsafe request invalidates (RFC 9111 s4.4): those of its URI, and of URIs on
 * the same host that the answer names. None after a failure.
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

/** The target of a reference on this host. References to other hosts are ignored. */
function targetOn(host: string, view: RequestView, reference: string): string | undefined {
  try {
    // Concatenated, because a base URL would read a target that begins with "//" as another host.
    const url = new URL(reference, `${view.scheme}://${host}${originForm(view.target)}`)
    return canonicalHost(url.host) === host ? url.pathname + url.search : undefined
  } catch {
    return undefined
  }
}
