import type { ReplayedHeader } from '@stampede/core/http'
import type { Context } from 'hono'

/** Where the Node server's Response keeps status, body and headers, as they were passed. */
let known: { readonly of: typeof Response; readonly at: symbol | undefined } | undefined

/**
 * Whether no header was set on a context so far. False also if that is unknown without changing it: only Node's server
 * shows it.
 */
export function isNothingSet(c: Context): boolean {
  if (known?.of !== Response) known = { of: Response, at: placeOfHeaders() }
  if (known.at === undefined) return false
  // With a body: without one, older servers keep nothing. And older Hono passes empty headers.
  const headers = headersAt(c.body(''), known.at)
  return headers === undefined || (headers instanceof Headers && headers.keys().next().done === true)
}

/** Found by trial, so that nothing is assumed of another server. */
function placeOfHeaders(): symbol | undefined {
  const headers = new Headers([['x-stampede', '1']])
  const [at] = Object.getOwnPropertySymbols(new Response('', { status: 200, headers }))
  if (at === undefined || headersAt(new Response('', { status: 200, headers }), at) !== headers) return undefined
  return headersAt(new Response('', { status: 200 }), at) === undefined ? at : undefined
}

/** Null if they are not visible. */
function headersAt(response: Response, at: symbol): unknown {
  const kept = (response as unknown as { readonly [symbol: symbol]: unknown })[at]
  return Array.isArray(kept) && kept.length === 3 ? kept[2] : null
}

type Headed = readonly ReplayedHeader[]
type Plain = Readonly<Record<string, string>>

/** By their lists: those of a hit are frozen, and the same for a second. */
const records = new WeakMap<Headed, { readonly outcome: Headed; readonly record: Plain | undefined }>()

/** All headers, with those of the outcome, as a plain object; `undefined` if that would change them. */
export function recordOf(headers: Headed, outcome: Headed): Plain | undefined {
  const made = records.get(headers)
  if (made?.outcome === outcome) return made.record
  const record = combined([headers, outcome])
  if (Object.isFrozen(headers) && Object.isFrozen(outcome)) records.set(headers, { outcome, record })
  return record
}

function combined(parts: readonly Headed[]): Plain | undefined {
  const record: Record<string, string> = {}
  for (const { name, value, append } of parts.flat()) {
    const present = append ? record[name] : undefined
    if (typeof value === 'string') record[name] = present === undefined ? value : `${present}, ${value}`
    else if (value.length > 0) return undefined
  }
  // Otherwise the server would add a type.
  return record['content-type'] === undefined ? undefined : record
}
