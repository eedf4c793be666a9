import type { Context } from 'hono'

/** Where the Node server's Response keeps status, body and headers, as they were given to it. */
let known: { readonly of: typeof Response; readonly at: symbol | undefined } | undefined

/** Whether no header was set on a context so far. False also where that cannot be seen but by touching it: only Node's server shows it. */
export function isNothingSet(c: Context): boolean {
  if (known?.of !== Response) known = { of: Response, at: placeOfHeaders() }
  return known.at !== undefined && headersAt(c.newResponse(null), known.at) === undefined
}

/** Found by trial, so that with another server nothing is taken for granted. */
function placeOfHeaders(): symbol | undefined {
  const headers = new Headers([['x-stampede', '1']])
  const [at] = Object.getOwnPropertySymbols(new Response(null, { status: 200, headers }))
  if (at === undefined || headersAt(new Response(null, { status: 200, headers }), at) !== headers) return undefined
  return headersAt(new Response(null, { status: 200 }), at) === undefined ? at : undefined
}

/** Null where they are not seen. */
function headersAt(response: Response, at: symbol): unknown {
  const kept: unknown = Reflect.get(response, at)
  return Array.isArray(kept) && kept.length === 3 ? kept[2] : null
}
