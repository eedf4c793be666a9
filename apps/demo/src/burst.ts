import { Agent, get } from 'node:http'

/** What a burst of requests came to. */
export interface Burst {
  readonly requests: number
  /** Requests that got a 200 with a body that shows the nonce. */
  readonly right: number
  /** Requests that failed, or got another status. */
  readonly errors: readonly string[]
  /** Bodies that do not show the nonce. */
  readonly mismatches: readonly string[]
  /** Milliseconds from the start of the burst to each answer, in order. */
  readonly times: readonly number[]
}

const EACH_ITS_OWN = { keepAlive: false, maxSockets: Number.POSITIVE_INFINITY }

interface Answered {
  readonly status: number
  readonly body: string
}

/** Calls `ask` so many times in the same moment, and holds each answer against the nonce. */
export async function burst(requests: number, nonce: string, ask: () => Promise<Answered>): Promise<Burst> {
  const start = performance.now()
  const times: number[] = []
  const errors: string[] = []
  const mismatches: string[] = []
  const one = async (): Promise<void> => {
    try {
      const { status, body } = await ask()
      times.push(performance.now() - start)
      if (status !== 200) errors.push(`status ${status}`)
      else if (nonceOf(body) !== nonce) mismatches.push(body)
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error))
    }
  }
  await Promise.all(Array.from({ length: requests }, one))
  const right = requests - errors.length - mismatches.length
  return { requests, right, errors, mismatches, times: times.toSorted((a, b) => a - b) }
}

/** Asks a server; `close` frees the connections. */
export interface Asker {
  readonly ask: () => Promise<Answered>
  readonly close: () => void
}

/** How a server is asked. */
interface Asking {
  /** What requests say in their `Host`. Default: where the server listens. */
  readonly host?: string
  /** Default: one of their own, with a connection for each request. */
  readonly agent?: Agent
}

export function httpAsker(url: string, { host, agent = new Agent(EACH_ITS_OWN) }: Asking = {}): Asker {
  const headers = host === undefined ? {} : { host }
  const ask = (): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const request = get(url, { agent, headers }, response => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          body += chunk
        })
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      })
      request.on('error', reject)
    })
  return { ask, close: () => agent.destroy() }
}

function nonceOf(body: string): unknown {
  try {
    return (JSON.parse(body) as { readonly nonce?: unknown }).nonce
  } catch {
    return undefined
  }
}
