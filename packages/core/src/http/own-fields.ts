import type { HeaderLines } from './types.ts'

/** Response fields that speak to Stampede alone: they are never sent on. */
export const ownFields: readonly string[] = ['stampede-cache-tag']

/** The tags that the headers of an answer name, as written. */
export function tagsOf(headers: HeaderLines): readonly string[] {
  const members = headers.get('stampede-cache-tag')?.flatMap(line => line.split(',')) ?? []
  return members.map(member => member.trim()).filter(member => member !== '')
}
