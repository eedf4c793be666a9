import type { RequestView } from '../contract/contract.ts'

/** The host by which a request's URI is known: hosts are the same in any case, and with or without a default port. */
export function hostOf({ host, target }: Pick<RequestView, 'host' | 'target'>): string {
  // RFC 9112 s3.2.2: the host of an absolute-form target wins over the Host field.
  const shown = ABSOLUTE_FORM.exec(target)?.[1] ?? host
  // A view whose target has lost its host shows it behind the Host field.
  return canonicalHost(shown.slice(shown.lastIndexOf(' ') + 1))
}

export function canonicalHost(host: string): string {
  return host.toLowerCase().replace(/:(?:80|443)?$/, '')
}

const ABSOLUTE_FORM = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i

/** The target as it would stand in a request straight to its host. */
export function originForm(target: string): string {
  const rest = target.replace(ABSOLUTE_FORM, '')
  return rest === target || rest.startsWith('/') ? rest : `/${rest}`
}

/** The path of a target: all of it but the query, as sent. */
export function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? ''
}
