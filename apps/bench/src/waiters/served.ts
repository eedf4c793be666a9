import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Body, HttpStampede, messageView } from '@stampede/core/http'

/** A server whose answers all wait for `release`. */
interface Served {
  readonly server: Server
  /** Resolves when so many requests wait. */
  readonly waiting: (count: number) => Promise<void>
  readonly release: () => void
  readonly runs: () => number
}

/** How one server answers. */
export interface Kind {
  readonly name: string
  readonly about: string
  readonly serve: (body: Buffer) => Served
}

type Answer = (request: IncomingMessage, response: ServerResponse, work: () => Promise<Buffer>) => Promise<void>

/** What one writes by hand: every request waits for one promise. */
const bare: Kind = {
  name: 'one shared promise',
  about: 'every request awaits the same promise and sends its bytes: node:http without anything',
  serve: body => served(body, async (_request, response, work) => send(response, await work(), [])),
}

const collapsing: Kind = {
  name: 'Stampede',
  about: 'one request runs the handler, all others follow it: node:http over HttpStampede.run()',
  serve: body => {
    const core = new HttpStampede()
    return served(body, async (request, response, work) => {
      const view = messageView({ method: 'GET', target: request.url ?? '/' }, request, response)
      const empty = new Map<string, string[]>()
      const answer = await core.run(view, async () => ({
        status: 200,
        headers: empty,
        before: empty,
        body: await work(),
      }))
      const { headers } = answer.outcome
      if (answer.kind === 'replayed') send(response, answer.response.body, [...answer.response.headers, ...headers])
      else send(response, answer.origin.body, headers)
    })
  },
}

export const kinds: readonly [floor: Kind, own: Kind] = [bare, collapsing]

function served(body: Buffer, answer: Answer): Served {
  let release = noop
  const released = new Promise<Buffer>(resolve => {
    release = () => resolve(body)
  })
  let arrived = 0
  let runs = 0
  let onArrival = noop
  const work = (): Promise<Buffer> => {
    runs += 1
    return released
  }
  const server = createServer((request, response) => {
    arrived += 1
    void answer(request, response, work)
    onArrival()
  })
  const waiting = (count: number): Promise<void> =>
    new Promise(resolve => {
      onArrival = () => {
        if (arrived === count) resolve()
      }
      onArrival()
    })
  return { server, waiting, release, runs: () => runs }
}

interface Line {
  readonly name: string
  readonly value: string | readonly string[]
}

function send(response: ServerResponse, body: Body, lines: readonly Line[]): void {
  if (!(body instanceof Uint8Array)) throw new TypeError('The bytes that were answered with are whole.')
  for (const { name, value } of lines) response.setHeader(name, value)
  response.setHeader('content-length', body.length)
  response.end(body)
}

function noop(): void {}
