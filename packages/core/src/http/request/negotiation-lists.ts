import type { HandlerHeaders } from '../contract/contract.ts'
import type { RequestView } from '../contract/contract.ts'

/** How the members of a list are divided in the normal form: as most browsers send it, so that little is rewritten. */
const LISTS: ReadonlyMap<string, string> = new Map([
  ['accept', ','],
  ['accept-charset', ','],
  ['accept-encoding', ', '],
  ['accept-language', ','],
])
/** Language tags are compared without regard to case (RFC 5646 s2.1.1); for all others case may count. */
const LANGUAGE = 'accept-language'

/**
 * The value of a request header as it selects a variant (RFC 9111 s4.1): lists for content negotiation without the
 * whitespace that their grammar allows (RFC 9110 s5.6.1), languages in lower case. Order and weights stay, since servers
 * answer by them; all other headers stay as sent.
 */
export function selectingValue(name: string, value: string | undefined): string | undefined {
  const divider = LISTS.get(name)
  // In a quoted string whitespace is part of the value.
  if (divider === undefined || value === undefined || value.includes('"')) return value
  const cased = name === LANGUAGE ? value.toLowerCase() : value
  return cased
    .split(',')
    .map(member => member.trim().replace(/[ \t]*;[ \t]*/g, ';'))
    .join(divider)
}

/**
 * What a handler is shown, and the lists in their normal form: its answer is given to all requests that have the same
 * one.
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
