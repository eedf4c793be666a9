import type { HttpEvent } from '@stampede/core/http'
import { expect, it } from 'vitest'
import type { OriginAnswer } from '../mount.ts'
import type { SetUp } from '../suite.ts'

const SECOND = 1_000
/** Fresh for one second, then stale for a hundred; and so is what is not found. */
const STALE = { ttl: SECOND, errorTtl: SECOND, staleWhileRevalidate: 100 * SECOND }

/** The reasons that events name for refreshes that changed nothing. */
function reasons(): { readonly told: string[]; readonly onEvent: (event: HttpEvent) => void } {
  const told: string[] = []
  return {
    told,
    onEvent: event => {
      if (event.type === 'backoff') told.push(event.reason)
    },
  }
}

function held(): { readonly answer: Promise<OriginAnswer>; readonly release: (answer: OriginAnswer) => void } {
  let release: (answer: OriginAnswer) => void = () => {}
  const answer = new Promise<OriginAnswer>(resolve => {
    release = resolve
  })
  return { answer, release }
}

export function refreshCases(setUp: SetUp): void {
  it.each([
    [404, {}],
    [410, {}],
    [404, { 'cache-control': 'no-store' }],
    [404, { 'set-cookie': 'a=b' }],
    [410, { 'cache-control': 'max-age=60' }],
  ] as const)(
    'that ends in %i, %j, changes nothing; the answer of the next request in front counts',
    async (...gone) => {
      const [status, headers] = gone
      const missing: OriginAnswer = { status, headers, body: 'not found' }
      const inFront = held()
      const answers = [{ body: 'first' }, missing, inFront.answer, missing, { status, body: 'gone' }]
      const { told, onEvent } = reasons()
      const { fetch, events, gate, clock, runs } = await setUp({
        options: { ...STALE, onEvent },
        answer: (_request, run) => answers[run - 1] ?? { status, body: 'still gone' },
      })
      gate.open()
      await fetch('/')
      clock.advance(1_500)
      expect((await fetch('/')).body).toBe('first')
      await events.until('backoff', 1)
      const next = fetch('/')
      await runs.until('run', 3)
      expect((await fetch('/')).body).toBe('first')
      inFront.release({ body: 'third' })
      expect((await next).body).toBe('third')
      expect((await fetch('/')).body).toBe('third')
      clock.advance(1_500)
      expect((await fetch('/')).body).toBe('third')
      await events.until('backoff', 2)
      for (const _ of [1, 2]) expect(await fetch('/')).toMatchObject({ status, body: 'gone' })
      expect(told).toEqual(['not-found', 'not-found'])
      expect(runs.count('run')).toBe(5)
    },
  )

  it('that is not found does not answer its followers: the first of them leads in front', async () => {
    const refresh = held()
    const { fetch, events, gate, clock, runs } = await setUp({
      options: { ...STALE, clientDirectives: 'honor' },
      answer: (_request, run) => (run === 2 ? refresh.answer : { body: `run ${run}` }),
    })
    gate.open()
    await fetch('/')
    clock.advance(1_500)
    await fetch('/')
    await runs.until('run', 2)
    const waiting = Array.from({ length: 3 }, () => fetch('/', { headers: { 'cache-control': 'no-cache' } }))
    await events.until('follow', 3)
    refresh.release({ status: 404, body: 'not found' })
    expect((await Promise.all(waiting)).map(({ body }) => body)).toEqual(['run 3', 'run 3', 'run 3'])
  })

  it('that does not come back to Stampede changes nothing; the next request in front refreshes', async () => {
    const { told, onEvent } = reasons()
    const { fetch, events, gate, clock, runs } = await setUp({
      // No request of Stampede's own has the header.
      options: { ...STALE, onEvent, match: view => view.header('x-client') !== undefined },
      answer: (request, run) => (request.header('x-client') === undefined ? { status: 404 } : { body: `run ${run}` }),
    })
    const asked = { headers: { 'x-client': '1' } }
    gate.open()
    await fetch('/', asked)
    clock.advance(1_500)
    expect((await fetch('/', asked)).body).toBe('run 1')
    await events.until('backoff', 1)
    expect((await fetch('/', asked)).body).toBe('run 3')
    expect((await fetch('/', asked)).body).toBe('run 3')
    expect(told).toEqual(['not-received'])
    expect(runs.count('run')).toBe(3)
  })

  it('of a stored 404 may end with 404 again', async () => {
    const { fetch, events, gate, clock } = await setUp({
      options: STALE,
      answer: (_request, run) => ({ status: run === 1 ? 404 : 410, body: `run ${run}` }),
    })
    gate.open()
    await fetch('/')
    clock.advance(1_500)
    expect((await fetch('/')).body).toBe('run 1')
    await events.until('store', 2)
    expect(await fetch('/')).toMatchObject({ status: 410, body: 'run 2' })
    expect(events.count('backoff')).toBe(0)
  })
}
