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

/** Asks a server over a connection of its own for each call; `close` frees them. */
export function httpAsker(url: string): { readonly ask: () => Promise<Answered>; readonly close: () => void } {
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })
  const ask = (): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const request = get(url, { agent }, response => {
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
