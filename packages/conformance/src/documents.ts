import { type OriginAnswer, type OriginHandler, type OriginRequest, StreamedBody } from './mount.ts'

/** Long enough for every plugin to compress, and different at each place. */
const TEXT = Array.from({ length: 600 }, (_, line) => `line ${line}`).join('\n')
const HEADERS = { 'cache-control': 'max-age=60, stale-while-revalidate=60', 'x-own': 'of the handler' }
const TYPE = { 'content-type': 'text/plain; charset=utf-8' }
const TAG = '"v1"'

/** Handlers of a usual app, by path; the query identifies the client. */
const pages: Readonly<Record<string, (request: OriginRequest) => OriginAnswer>> = {
  '/text': () => ({ headers: { ...HEADERS, ...TYPE }, body: TEXT }),
  '/json': () => ({ headers: HEADERS, body: { lines: TEXT.split('\n') } }),
  '/bytes': () => ({ headers: { ...HEADERS, ...TYPE }, body: Buffer.from(TEXT) }),
  '/stream': () => ({ headers: { ...HEADERS, ...TYPE }, body: new StreamedBody(halves()) }),
  '/tagged': tagged,
}

/** Documents to compare apps by: of each kind of body, and one with a validator whose handler knows conditions and ranges. */
export const documents: OriginHandler = request => {
  const page = pages[request.target.replace(/\?.*/, '')]
  return page?.(request) ?? { status: 404, body: 'no such page' }
}

function tagged(request: OriginRequest): OriginAnswer {
  const headers = { ...HEADERS, ...TYPE, etag: TAG, 'accept-ranges': 'bytes' }
  if (request.header('if-none-match') === TAG) return { status: 304, headers: { ...HEADERS, etag: TAG } }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.header('range') ?? '') ?? []
  if (first === undefined || last === undefined) return { headers, body: TEXT }
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${first}-${last}/${TEXT.length}` },
    body: TEXT.slice(Number(first), Number(last) + 1),
  }
}

async function* halves(): AsyncGenerator<string> {
  yield TEXT.slice(0, 1_500)
  yield TEXT.slice(1_500)
}
