import type { Directives } from './cache-control.ts'

const KEY = '[a-z*][a-z0-9_.*-]*'
/** RFC 9651 s3.3: decimal, integer, string, token, byte sequence, boolean, date, display string. */
const BARE_ITEM = [
  String.raw`-?\d{1,12}\.\d{1,3}`,
  String.raw`-?\d{1,15}`,
  String.raw`"(?:[ !#-\[\]-~]|\\["\\])*"`,
  String.raw`[A-Za-z*][\w!#$%&'*+.^\x60|~:/-]*`,
  ':[A-Za-z0-9+/=]*:',
  String.raw`\?[01]`,
  String.raw`@-?\d{1,15}`,
  String.raw`%"(?:[ !#$&-~]|%[\da-f]{2})*"`,
].join('|')
const PARAMETERS = `(?:; *${KEY}(?:=(?:${BARE_ITEM}))?)*`
const ITEM = `(?:${BARE_ITEM})${PARAMETERS}`
const INNER_LIST = String.raw`\( *(?:${ITEM}(?: +${ITEM})* *)?\)`
const MEMBER = new RegExp(`(${KEY})(?:=(${BARE_ITEM}|${INNER_LIST}))?${PARAMETERS}`, 'y')
const DIVIDER = /[ \t]*,[ \t]*(?=[^ \t])/y

/**
 * The members of a Dictionary (RFC 9651 s4.2.2) with their values as sent, without parameters: '' for true, and no
 * entry for false. `undefined` for an empty or invalid field.
 */
export function parseDictionary(field: string): Directives | undefined {
  const text = field.replaceAll(/^ +| +$/g, '')
  const members = new Map<string, string>()
  for (let at = 0; at < text.length; at = DIVIDER.lastIndex) {
    MEMBER.lastIndex = at
    const [member, key = '', value = '?1'] = MEMBER.exec(text) ?? []
    if (member === undefined) return undefined
    // RFC 9651 s3.2: of a repeated key, the last one counts.
    members.delete(key)
    if (value !== '?0') members.set(key, value === '?1' ? '' : value)
    if (at + member.length === text.length) return members
    DIVIDER.lastIndex = at + member.length
    if (!DIVIDER.test(text)) return undefined
  }
  return undefined
}
