import { Source } from '../../../conformance/src/source.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import {
  type BodyStream,
  type HttpEvent,
  type HttpOptions,
  HttpStampede,
  type Lease,
  type ReplayedResponse,
  type RequestView,
  type Decision,
} from '../../src/http/index.ts'
import { type Asked, view } from './views.ts'

/** How long those of these tests wait, and how long their answers are fresh. */
export const DEADLINE = 1_000
export const TTL = 5_000

export interface Setting {
  readonly http: HttpStampede
  readonly clock: TestClock
  readonly events: readonly HttpEvent[]
  readonly types: () => readonly string[]
}

export function setting(options: HttpOptions = {}): Setting {
  const clock = new TestClock()
  const events: HttpEvent[] = []
  const http = new HttpStampede({
    clock,
    ttl: TTL,
    waitTimeout: DEADLINE,
    onEvent: event => void events.push(event),
    ...options,
  })
  return { http, clock, events, types: () => events.map(({ type }) => type) }
}

export async function leaseOf(decision: Decision | Promise<Decision>): Promise<Lease> {
  const taken = await decision
  if (taken.kind !== 'lead') throw new Error(`expected a lease, got ${taken.kind}`)
  return taken.lease
}

export async function replayOf(decision: Decision | Promise<Decision>): Promise<ReplayedResponse> {
  const taken = await decision
  if (taken.kind !== 'replay') throw new Error(`expected a replay, got ${taken.kind}`)
  return taken.response
}

/** A stream, and what is let out of it. */
export function stream(): { readonly source: Source; readonly body: BodyStream } {
  const source = new Source()
  return { source, body: { chunks: source.body.chunks, cancel: () => source.seen.add('cancelled') } }
}

/** A request whose client may go. */
export function leaving(asked?: Asked): { readonly view: RequestView; readonly go: () => void } {
  let isGone = false
  return { view: { ...view(asked), isGone: () => isGone }, go: () => void (isGone = true) }
}
