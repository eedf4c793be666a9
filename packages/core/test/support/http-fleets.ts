import { FakeFleet } from '../../../conformance/src/fake-fleet.ts'
import { Gate, Tally } from '../../../conformance/src/gate.ts'
import { TestClock } from '../../../conformance/src/test-clock.ts'
import {
  type Answer,
  type HttpEvent,
  type HttpOptions,
  HttpStampede,
  type OriginResponse,
} from '../../src/http/index.ts'
import { answer, type Asked, textOf, view } from './views.ts'

export const TTL = 5_000

export type Handler = (run: number, asked: Asked) => OriginResponse | Promise<OriginResponse>

/** One of them, and how it is asked: gives body and outcome. */
interface Process {
  readonly http: HttpStampede
  readonly ask: (asked?: Asked) => Promise<string>
}

interface Stage {
  readonly clock: TestClock
  readonly fleet: FakeFleet
  readonly gate: Gate
  readonly tally: Tally
  readonly events: HttpEvent[]
  readonly join: (own?: HttpOptions) => Process
}

/** Some processes over one store that they share, each with the same handler. */
export function setUp(handler: Handler, options: HttpOptions = {}): Stage {
  const clock = new TestClock()
  const fleet = new FakeFleet({ clock })
  const gate = new Gate()
  const tally = new Tally()
  const events: HttpEvent[] = []
  const join = (own: HttpOptions = {}): Process => {
    const onEvent = (event: HttpEvent): void => void events.push(event)
    const http = new HttpStampede({
      clock,
      ttl: TTL,
      waitTimeout: 10_000,
      store: fleet.store(),
      onEvent,
      ...options,
      ...own,
    })
    const ask = async (asked: Asked = {}): Promise<string> => {
      const forward = async (): Promise<OriginResponse> => {
        tally.add('runs')
        const run = tally.count('runs')
        await gate.passed()
        return handler(run, asked)
      }
      return shown(await http.run(view(asked), forward))
    }
    return { http, ask }
  }
  return { clock, fleet, gate, tally, events, join }
}

async function shown(given: Answer): Promise<string> {
  const { body } = given.kind === 'replayed' ? given.response : given.origin
  const text = await textOf(body !== null && typeof body === 'object' && 'chunks' in body ? null : body)
  return `${text} (${given.outcome.kind})`
}

export const plain: Handler = run => answer(`run ${run}`)
