import { OWN_TARGETED } from '../rfc/targeted.ts'
import type { HeaderLines } from '../contract/contract.ts'

/** Response fields that speak to Stampede alone: they are never sent on. */
export const controlHeaders: readonly string[] = ['stampede-cache-tag', OWN_TARGETED]

/** The tags that the headers of an answer name, as written. */
export function tagsInHeaders(headers: HeaderLines): readonly string[] {
  const members = headers.get('stampede-cache-tag')?.flatMap(line => line.split(',')) ?? []
  return members.map(member => member.trim()).filter(member => member !== '')
}

/** Our own fields may be taken off a reply before its head is final; they count all the same. */
export function withControlHeaders(headers: HeaderLines, taken: HeaderLines): HeaderLines {
  const own = [...taken].filter(([name]) => controlHeaders.includes(name))
  return own.length === 0 ? headers : new Map([...own, ...headers])
}
