import { request } from 'node:http'

const LIMIT = 10_000

/**
 * One request on a connection of its own; fails with an error after ten seconds, and where its body breaks off.
 * `onBegun` is called with the first piece of the body.
 */
export function get(port, path, { method = 'GET', headers, signal, onBegun } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request({ port, path, method, headers, signal, agent: false, timeout: LIMIT }, reply => {
      let body = ''
      const { statusCode: status, headers: got } = reply
      reply.setEncoding('utf8')
      reply.once('data', () => onBegun?.())
      reply.on('data', chunk => (body += chunk))
      reply.on('end', () => resolve({ status, body, headers: got, cacheStatus: got['cache-status'] }))
      reply.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${path} in ${LIMIT} ms`)))
    sent.on('error', reject)
    sent.end()
  })
}

/** Fails where the promise takes longer than any case may. */
export async function limited(promise) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${2 * LIMIT} ms`)), 2 * LIMIT)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks again and again until the condition holds. */
export async function until(what, condition) {
  const end = performance.now() + LIMIT
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not in ${LIMIT} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
