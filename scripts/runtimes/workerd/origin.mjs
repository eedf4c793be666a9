import { once } from 'node:events'
import { createServer } from 'node:http'

/** A server that begins each answer at once, and ends it when it is told to: `begun;` and then `run <count>`. */
export async function startOrigin() {
  const held = new Map()
  const heldFor = name => held.get(name) ?? []
  const waiting = new Set()
  const server = createServer((request, response) => {
    const name = request.url.slice(1)
    held.set(name, [...heldFor(name), response])
    response.write('begun;')
    for (const waiter of waiting) waiter()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: server.address().port,
    runs: name => heldFor(name).length,
    /** Resolves when the name was asked for `count` times in all. */
    arrived: (name, count = 1) =>
      new Promise(resolve => {
        const look = () => {
          if (heldFor(name).length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    /** Ends all answers of the name that wait. */
    release(name) {
      for (const [index, response] of heldFor(name).entries()) {
        if (!response.writableEnded) response.end(`run ${index + 1}`)
      }
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
