/** IMF-fixdate. */
const FIXDATE = /^[a-z]{3}, \d\d [a-z]{3} \d{4} \d\d:\d\d:\d\d gmt$/i
/** The obsolete form of RFC 850: the full name of the day, dashes, and a two-digit year. */
const OBSOLETE = /^[a-z]{3,6}day, \d\d-[a-z]{3}-\d\d \d\d:\d\d:\d\d gmt$/i
const TWO_DIGIT_YEAR = /-(\d\d) /
/** The obsolete form of C's asctime, in GMT without saying so. */
const ASCTIME = /^[a-z]{3} [a-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/i

/**
 * A date in a field (RFC 9110 s5.6.7), in milliseconds, or NaN. `Date.parse` alone accepts a bare number as a year,
 * and reads a date without a zone as local time.
 */
export function parseHttpDate(text: string): number {
  if (FIXDATE.test(text)) return Date.parse(text)
  if (ASCTIME.test(text)) return Date.parse(`${text} GMT`)
  return OBSOLETE.test(text)
    ? Date.parse(text.replace(TWO_DIGIT_YEAR, (_, digits: string) => `-${fullYear(digits)} `))
    : Number.NaN
}

/** RFC 9110 s5.6.7: the latest year with these digits that is at most 50 years ahead. */
function fullYear(digits: string): number {
  const latest = new Date().getUTCFullYear() + 50
  return latest - ((latest - Number(digits)) % 100)
}
