import { createServer } from 'node:http'
import { listen, type Listening } from './listen.ts'

/** What the origin answers. */
interface Report {
  /** Names the run that the request belongs to. */
  readonly nonce: string
  readonly path: string
  /** Which call of this run it was. */
  readonly call: number
}

/** A slow server that counts its calls. */
export interface Origin extends Listening {
  /** Calls so far with this nonce. */
  calls(nonce: string): number
  /** Asks it, as a handler would. */
  fetch(nonce: string): Promise<Report>
}

/** Starts an origin that takes `latency` milliseconds to answer. */
export async function startOrigin(latency: number, port = 0): Promise<Origin> {
  const calls = new Map<string, number>()
  const server = createServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://origin')
    const nonce = searchParams.get('nonce') ?? ''
    const call = (calls.get(nonce) ?? 0) + 1
    calls.set(nonce, call)
    setTimeout(() => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ nonce, path, call } satisfies Report))
    }, latency)
  })
  const listening = await listen(server, port)
  return {
    ...listening,
    calls: nonce => calls.get(nonce) ?? 0,
    fetch: async nonce => {
      const response = await fetch(`${listening.url}/report?nonce=${encodeURIComponent(nonce)}`)
      return (await response.json()) as Report
    },
  }
}
