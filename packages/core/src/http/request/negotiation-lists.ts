import type { HandlerHeaders } from '../contract/contract.ts'
import type { RequestView } from '../contract/contract.ts'

/** The separator of list members in the normal form: that of most browsers, so that few values change. */
const LISTS: ReadonlyMap<string, string> = new Map([
  ['accept', ','],
  ['accept-charset', ','],
  ['accept-encoding', ', '],
  ['accept-language', ','],
])
/** Case does not matter in language tags (RFC 5646 s2.1.1); elsewhere it may. */
const LANGUAGE = 'accept-language'

/**
 * The value of a request header, as it selects a variant (RFC 9111 s4.1). Lists for content negotiation lose the
 * optional whitespace of their grammar (RFC 9110 s5.6.1), and languages are in lower case. Order and weights stay,
 * since servers depend on them. All other headers stay as sent.
 */
export function selectingValue(name: string, value: string | undefined): string | undefined {
  const divider = LISTS.get(name)
  // In a quoted string, whitespace is part of the value.
  if (divider === undefined || value === undefined || value.includes('"')) return value
  const cased = name === LANGUAGE ? value.toLowerCase() : value
  return cased
    .split(',')
    .map(member => member.trim().replace(/[ \t]*;[ \t]*/g, ';'))
    .join(divider)
}

/**
 * The headers for the handler, with lists in their normal form, because all requests with the same normal form get its
 * answer.
 */
export function withNormalisedLists(shown: HandlerHeaders, view: RequestView): HandlerHeaders {
  let all = shown
  for (const name of LISTS.keys()) {
    const sent = view.header(name)
    const value = selectingValue(name, sent)
    if (value !== sent) all = new Map([...all, [name, value]])
  }
  return all
}
