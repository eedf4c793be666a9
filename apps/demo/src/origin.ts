import { createServer } from 'node:http'
import { CallLog } from './call-log.ts'
import { listen, type Listening } from './listen.ts'

/** What the origin answers. */
interface Report {
  /** Names the run that the request belongs to. */
  readonly nonce: string
  readonly path: string
  /** Which call of this run it was. */
  readonly call: number
}

/** An origin, as its clients see it. */
export interface AskedOrigin {
  /** Asks it, as a handler would. */
  fetch(nonce: string): Promise<Report>
}

/** A slow server that counts its calls. */
export interface Origin extends Listening, AskedOrigin {
  /** Calls so far with this nonce. */
  calls(nonce: string): number
  /** All calls so far. */
  readonly log: CallLog
}

/** Starts an origin that takes `latency` milliseconds to answer. */
export async function startOrigin(latency: number, port = 0): Promise<Origin> {
  const log = new CallLog()
  const server = createServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://origin')
    const nonce = searchParams.get('nonce') ?? ''
    const call = log.add(nonce, searchParams.get('by') ?? '')
    setTimeout(() => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ nonce, path, call } satisfies Report))
    }, latency)
  })
  const listening = await listen(server, port)
  return { ...listening, ...originAt(listening.url, ''), calls: nonce => log.of(nonce).length, log }
}

/** The origin at this address, for a handler of the process of that name. */
export function originAt(url: string, by: string): AskedOrigin {
  return {
    fetch: async nonce => {
      const response = await fetch(`${url}/report?${new URLSearchParams({ nonce, by }).toString()}`)
      return (await response.json()) as Report
    },
  }
}
