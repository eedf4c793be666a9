/** Directives by lower-case name; a directive without an argument has the value ''. */
export type Directives = ReadonlyMap<string, string>

/**
 * A token, optionally followed by = and a token or a quoted string (RFC 9111 s5.2); commas in quotes do not separate.
 */
const DIRECTIVE = /([^\s,=";]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,";]*)))?/g

/** A longer delta counts as infinite (RFC 9111 s1.2.2). */
const MAX_DELTA = 2 ** 31

const NEVER: Directives = new Map()

/** The directives of a Cache-Control field. Of a repeated directive, the smaller number or the first text counts. */
export function parseCacheControl(value: string | undefined): Directives {
  if (value === undefined) return NEVER
  const directives = new Map<string, string>()
  for (const [, name = '', quoted, token] of value.matchAll(DIRECTIVE)) {
    const lower = name.toLowerCase()
    const argument = quoted ?? token ?? ''
    const present = directives.get(lower)
    if (present === undefined || Number(argument) < Number(present)) directives.set(lower, argument)
  }
  return directives
}

/**
 * The argument of a directive in milliseconds. An argument that is not a whole number of seconds counts as 0: an
 * invalid lifetime is no lifetime (RFC 9111 s4.2.1). `undefined` without the directive.
 */
export function deltaMs(directives: Directives, name: string): number | undefined {
  const argument = directives.get(name)
  if (argument === undefined) return undefined
  return (parseDelta(argument) ?? 0) * 1000
}

/** A number of seconds (RFC 9111 s1.2.2); `undefined` for anything else. */
export function parseDelta(text: string): number | undefined {
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_DELTA) : undefined
}
