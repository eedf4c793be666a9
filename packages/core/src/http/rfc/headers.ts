import type { HeaderLines, ReplayedHeader } from '../contract/contract.ts'

/** A header as Node frameworks store it: a value, or one value per line. */
export type HeaderValue = string | number | readonly string[] | undefined

/** A head without headers. */
export const NO_HEADERS: HeaderLines = new Map()

/** Headers of any framework, as lines by lower-case name. A repeated name keeps all its lines. */
export function headerLines(entries: Iterable<readonly [string, HeaderValue]>): HeaderLines {
  const lines = new Map<string, string[]>()
  for (const [name, value] of entries) {
    if (value === undefined) continue
    const lower = name.toLowerCase()
    const added = typeof value === 'object' ? value.map(String) : [String(value)]
    const present = lines.get(lower)
    if (present === undefined) lines.set(lower, added)
    else present.push(...added)
  }
  return lines
}

/** The value of a field whose lines form one list (RFC 9110 s5.3). */
export function combined(headers: HeaderLines, name: string): string | undefined {
  return headers.get(name)?.join(', ')
}

/** The members of a comma-separated list of names, in lower case. */
export function listed(value: string | undefined): string[] {
  if (value === undefined) return []
  return value
    .split(',')
    .map(member => member.trim().toLowerCase())
    .filter(member => member !== '')
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/

/** Whether a text is a valid field name (RFC 9110 s5.1). */
export function isFieldName(text: string): boolean {
  return TOKEN.test(text)
}

/** Whether two headers have the same lines. */
export function isSame(lines: readonly string[], others: readonly string[] | undefined): boolean {
  return lines.length === others?.length && lines.every((line, index) => line === others[index])
}

/** A header that replaces the existing lines. */
export function replacing(name: string, value: string): ReplayedHeader {
  return { name, value, append: false }
}

/** A header that is added to the existing lines. */
export function appending(name: string, value: string): ReplayedHeader {
  return { name, value, append: true }
}

/** The lines of a reply after this header is applied. */
export function applied(present: HeaderValue, header: ReplayedHeader): string | string[] {
  const added = typeof header.value === 'string' ? [header.value] : [...header.value]
  if (!header.append || present === undefined) return added.length === 1 ? (added[0] ?? '') : added
  return typeof present === 'object' ? [...present, ...added] : [String(present), ...added]
}
