import type { HttpPolicy } from '../options/http-policy.ts'
import type { RequestView } from '../contract/contract.ts'
import { hostOf, originForm, pathOf } from '../rfc/request-target.ts'

/**
 * What a response is found by when it is to be dropped. Each kind begins with a letter of its own: no tag is ever taken
 * for a path, or a path for a URI.
 */
export function userTag(tag: string): string {
  return `t${tag}`
}

/** All queries, hosts, methods and variants of a path. */
export function pathTag(path: string): string {
  return `p${path}`
}

/** What every answer to this request is found by. */
export function responseTags(view: RequestView, policy: HttpPolicy): readonly string[] {
  const host = hostOf(view)
  const target = originForm(view.target)
  // One that stands for more targets than its own is dropped with any query of its path; RFC 9111 s4.4 allows more.
  const isExact = policy.query === undefined && policy.key === undefined
  const targets = view.routed === undefined ? [target] : [target, originForm(view.routed)]
  const ofTargets = targets.flatMap(one => {
    const path = pathOf(one)
    return [pathTag(path), isExact ? uriTag(host, one) : resourceTag(host, path)]
  })
  return [...ofTargets, ...policy.tags.map(userTag)]
}

/** What all that may be stored for a URI is found by. */
export function uriTags(host: string, target: string): readonly string[] {
  return [uriTag(host, target), resourceTag(host, pathOf(target))]
}

// Neither a host of this form nor a target has a space in it.
function uriTag(host: string, target: string): string {
  return `u${host} ${target}`
}

function resourceTag(host: string, path: string): string {
  return `r${host} ${path}`
}
