import { cases } from './cases.mjs'
import { httpCases } from './http-cases.mjs'
import { get, limited } from './client.mjs'
import { startOrigin } from './origin.mjs'
import { bundle, serve } from './serve.mjs'

/** The first date at which a promise may be awaited by another request than its own, and the newest of the binary. */
const DATES = ['2024-10-14', '2026-11-17']

/** The checks of the core inside a request, and then requests that meet. */
export async function runWorkerd(binary) {
  await bundle()
  const results = []
  for (const date of DATES) results.push(...(await resultsAt(binary, date)))
  return results
}

async function resultsAt(binary, date) {
  const origin = await startOrigin()
  const server = await serve(binary, date, origin.port)
  try {
    const results = JSON.parse((await get(server.port, '/smoke')).body)
    for (const { name, run } of [...cases, ...httpCases]) {
      results.push(
        await limited(run({ port: server.port, origin })).then(
          () => ({ name }),
          (/** @type {unknown} */ error) => ({ name, error: `${error?.stack ?? error}\n${server.output()}` }),
        ),
      )
    }
    return results.map(result => ({ ...result, name: `${date}: ${result.name}` }))
  } finally {
    await server.stop()
    origin.close()
  }
}
