// The conformance cases that cannot hold on the own server of a runtime, by their whole names, and why. Each is run all the
// same: one that holds is an error here.
const HEAD = 'Hono answers a HEAD with a Response without a body, and the server says content-length: 0 of that'
const TAGS =
  'only Node shows the head as it is written: a field that middleware in front adds after Stampede is sent on'
const TRAILERS = 'a Request has no trailers, for the handler neither'
const FIELDS = 'the server refuses a request of two hundred fields itself'
const PIPELINED = 'the server begins with the next request of a connection once the one before it is answered'
const CONNECT = 'the server gives CONNECT to the handler, whose own answer it is; Stampede takes no part'

const BOTH = {
  'collapse: lets a HEAD follow a GET, and answers it from a stored GET': HEAD,
  'a body on its way: gives a HEAD its head at once, of length undefined': HEAD,
  'uploads: takes no part with trailers': TRAILERS,
  'invalidation: never sends Stampede-Cache-Tag on, whoever set it: to a leader, a follower, by a hit, a HEAD, a bypass or an error':
    TAGS,
  'users: never share, nor are given what is shared: behind two hundred other lines': FIELDS,
  'a connection: answers requests in one packet in their order, whoever waits for whom': PIPELINED,
  'methods: CONNECT gets no answer of anybody’s': CONNECT,
  'a load: of 10000 who wait for one key is one run': PIPELINED,
  'a load: of 1000 who wait for what may not be shared is a run each, and nobody’s answer twice': PIPELINED,
}

const TYPE = 'the server says application/octet-stream of bytes without a type, and nothing of a stream'
const LENGTH = 'the server sends streams in chunks, whatever Content-Length the handler sets'
const RESET = 'the client of node:http throws the reset of a connection past its reader'
const CLOSED = 'the server shows no end of a connection but that of a request which it has not answered'

const BUN = {
  ...BOTH,
  'bodies: gives leader, follower and hit the same: a buffer': TYPE,
  'bodies: gives leader, follower and hit the same: a stream': TYPE,
  'a body on its way: shorter than its Content-Length says breaks off for followers': LENGTH,
  'a body on its way: longer than its Content-Length says breaks off for followers': LENGTH,
  'a body on its way: as long as its Content-Length says is whole for followers': LENGTH,
  'readers of a body on its way: a leader that falls behind by more than maxBodyBytes is cut off': RESET,
  'readers of a body on its way: a follower that falls behind by more than maxBodyBytes is cut off': RESET,
  'unsafe methods: counts though its client has gone before the answer': CLOSED,
  'a load: of requests that never come to an end holds nobody up': CLOSED,
}

const HTTP2 = 'the server speaks HTTP/2 with whoever begins so, and the connection stays open'

const DENO = {
  ...BOTH,
  'denial of a page: is not possible by a request that the server refuses: nobody else gets the refusal': HTTP2,
  'denial of a page: is not possible by a refusal while others wait: they get the answer': HTTP2,
}

/** @type {Readonly<Record<string, Readonly<Record<string, string>>>>} */
export const exempt = { bun: BUN, deno: DENO }

/**
 * The results as they count: what is exempt and fails as said is let pass, and told apart; what is exempt and passes, or
 * is no case at all, fails.
 *
 * @param {readonly { name: string, error?: string }[]} results
 * @param {Readonly<Record<string, string>>} reasons
 * @returns {{ name: string, error?: string, exempt?: string }[]}
 */
export function judged(results, reasons) {
  const seen = new Set(results.map(({ name }) => name))
  const missing = Object.keys(reasons).filter(name => !seen.has(name))
  return [
    ...results.map(result => judgedOne(result, reasons[result.name])),
    ...missing.map(name => ({ name, error: 'there is no such case, and it is exempt' })),
  ]
}

function judgedOne(result, reason) {
  if (reason === undefined) return result
  const { name, error } = result
  return error === undefined ? { name, error: `holds here, and is exempt: ${reason}` } : { name, exempt: reason }
}
