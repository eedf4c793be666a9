/**
 * Stands before the worker, as a client that can leave: workerd notices that a request is not wanted any more at once
 * where another worker drops it, and on a socket only when it writes to it. A request with `x-drop` is dropped as soon
 * as the origin has answered for the name in it.
 */
export default {
  async fetch(request, env) {
    const drop = request.headers.get('x-drop')
    const headers = new Headers(request.headers)
    headers.delete('x-drop')
    const reply = env.MAIN.fetch(new Request(request, { headers }))
    if (drop === null) return reply
    reply.catch(() => {})
    await (await env.ORIGIN.fetch(`http://origin/${drop}`)).text()
    return new Response('dropped')
  },
}
