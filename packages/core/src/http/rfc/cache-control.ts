/** Directives by lower-case name; a directive without an argument has the value ''. */
export type Directives = ReadonlyMap<string, string>

/** token, then optionally = and a token or a quoted string (RFC 9111 s5.2); commas inside quotes do not divide. */
const DIRECTIVE = /([^\s,=";]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,";]*)))?/g

/** Beyond this a delta is as good as endless (RFC 9111 s1.2.2). */
const MAX_DELTA = 2 ** 31

const NEVER: Directives = new Map()

/** The directives of a Cache-Control field. Of one that is repeated, the smaller number or the first text counts. */
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
 * A directive's argument in milliseconds. One that is not a whole number of seconds is taken as 0: a freshness that
 * cannot be read is no freshness (RFC 9111 s4.2.1). `undefined` without the directive.
 */
export function deltaMs(directives: Directives, name: string): number | undefined {
  const argument = directives.get(name)
  if (argument === undefined) return undefined
  return (parseDelta(argument) ?? 0) * 1000
}

/** A number of seconds as fields carry it (RFC 9111 s1.2.2), or `undefined` if it is none. */
export function parseDelta(text: string): number | undefined {
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_DELTA) : undefined
}
