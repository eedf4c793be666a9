import type { HttpPolicy } from '../options/http-policy.ts'
import type { RequestView } from '../contract/contract.ts'
import { hostOf, originForm, pathOf } from '../rfc/request-target.ts'

/**
 * Tags by which stored responses are invalidated. Each kind begins with its own letter, so that a tag of the app, a
 * path and a URI are never confused.
 */
export function userTag(tag: string): string {
  return `t${tag}`
}

/** All queries, hosts, methods and variants of a path. */
export function pathTag(path: string): string {
  return `p${path}`
}

/** The tags of every answer to this request. */
export function responseTags(view: RequestView, policy: HttpPolicy): readonly string[] {
  const host = hostOf(view)
  const target = originForm(view.target)
  // A response that stands for several targets is invalidated with any query of its path; RFC 9111 s4.4 allows more.
  const isExact = policy.query === undefined && policy.key === undefined
  const targets = view.routed === undefined ? [target] : [target, originForm(view.routed)]
  const ofTargets = targets.flatMap(one => {
    const path = pathOf(one)
    return [pathTag(path), isExact ? uriTag(host, one) : resourceTag(host, path)]
  })
  return [...ofTargets, ...policy.tags.map(userTag)]
}

/** The tags of all responses that may be stored for a URI. */
export function uriTags(host: string, target: string): readonly string[] {
  return [uriTag(host, target), resourceTag(host, pathOf(target))]
}

// Neither such a host nor a target contains a space.
function uriTag(host: string, target: string): string {
  return `u${host} ${target}`
}

function resourceTag(host: string, path: string): string {
  return `r${host} ${path}`
}
