import { OWN_TARGETED } from '../rfc/targeted.ts'
import type { HeaderLines } from '../contract/contract.ts'

/** Response headers that control Stampede. They are never sent to the client. */
export const controlHeaders: readonly string[] = ['stampede-cache-tag', OWN_TARGETED]

/** The tags in the headers of an answer, as written. */
export function tagsInHeaders(headers: HeaderLines): readonly string[] {
  const members = headers.get('stampede-cache-tag')?.flatMap(line => line.split(',')) ?? []
  return members.map(member => member.trim()).filter(member => member !== '')
}

/** Adds control headers that were removed from the reply before its head was final. */
export function withControlHeaders(headers: HeaderLines, taken: HeaderLines): HeaderLines {
  const own = [...taken].filter(([name]) => controlHeaders.includes(name))
  return own.length === 0 ? headers : new Map([...own, ...headers])
}
