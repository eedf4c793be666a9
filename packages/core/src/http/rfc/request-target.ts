import type { RequestView } from '../contract/contract.ts'

/** The host that identifies a request's URI: case and a default port do not count. */
export function hostOf({ host, target }: Pick<RequestView, 'host' | 'target'>): string {
  // RFC 9112 s3.2.2: the host of an absolute-form target takes precedence over the Host field.
  const shown = ABSOLUTE_FORM.exec(target)?.[1] ?? host
  // A view whose target has lost its host has it after the Host field.
  return canonicalHost(shown.slice(shown.lastIndexOf(' ') + 1))
}

export function canonicalHost(host: string): string {
  return host.toLowerCase().replace(/:(?:80|443)?$/, '')
}

const ABSOLUTE_FORM = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i

/** The target in origin form. */
export function originForm(target: string): string {
  const rest = target.replace(ABSOLUTE_FORM, '')
  return rest === target || rest.startsWith('/') ? rest : `/${rest}`
}

/** The path of a target, without the query, as sent. */
export function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? ''
}
