import { describe, expect, it } from 'vitest'
import { Gate } from '../../../../conformance/src/gate.ts'
import { delivered } from '../../support/fleets.ts'
import { type Handler, plain, setUp, TTL } from '../../support/http-fleets.ts'
import { answer, lines, view } from '../../support/views.ts'

describe('responses over several processes', () => {
  it('are made by one run of the handler for all requests', async () => {
    const { fleet, gate, tally, join } = setUp(plain)
    const processes = [join(), join(), join()]
    const asking = processes.flatMap(({ ask }) => [ask(), ask()])
    await fleet.sent.until('waiting', 2)
    gate.open()
    expect(await Promise.all(asking)).toEqual(['run 1 (miss)', ...Array.from({ length: 5 }, () => 'run 1 (collapsed)')])
    expect(tally.count('runs')).toBe(1)
    expect(await Promise.all(processes.map(({ ask }) => ask()))).toEqual(Array(3).fill('run 1 (hit)'))
    expect(processes.map(({ http }) => http.stats().flights)).toEqual([0, 0, 0])
  })

  it('are shared with a ttl of 0, and not stored', async () => {
    const { fleet, gate, join } = setUp(plain, { ttl: 0 })
    const [a, b] = [join(), join()]
    const asking = [a.ask(), b.ask()]
    await fleet.sent.until('waiting', 1)
    gate.open()
    expect(await Promise.all(asking)).toEqual(['run 1 (miss)', 'run 1 (collapsed)'])
    expect(await b.ask()).toBe('run 2 (miss)')
  })

  it('are replayed with their age, headers, kind of body and validators', async () => {
    const headers = lines({ etag: '"v"', 'x-two': ['1', '2'], 'cache-control': 'max-age=60', 'x-ratelimit-limit': '5' })
    const { clock, gate, join } = setUp(() => ({ ...answer(null, { headers }), body: 'text' }))
    const [a, b] = [join(), join()]
    gate.open()
    await a.ask()
    clock.advance(7_000)
    const decision = await b.http.open(view())
    if (decision.kind !== 'replay') throw new Error(decision.kind)
    const { response, outcome } = decision
    expect(response).toMatchObject({ status: 200, body: 'text' })
    const sent = Object.fromEntries(response.headers.map(({ name, value }) => [name, value]))
    expect(sent).toEqual({
      ...Object.fromEntries(headers),
      etag: '"v"',
      'cache-control': 'max-age=60',
      age: '7',
      date: expect.stringContaining('GMT') as unknown,
      'x-two': ['1', '2'],
      'x-ratelimit-limit': undefined,
    })
    expect(outcome.headers).toEqual([expect.objectContaining({ value: 'stampede; hit; ttl=53' })])
    expect(await b.http.open(view({ headers: { 'if-none-match': '"v"' } }))).toMatchObject({
      response: { status: 304 },
    })
  })

  it('that vary are found by a process that did not know', async () => {
    const byLanguage: Handler = (run, { headers }) =>
      answer(`${headers?.['accept-language']} ${run}`, { headers: lines({ vary: 'accept-language' }) })
    const { fleet, gate, tally, join } = setUp(byLanguage)
    const [a, b, c] = [join(), join(), join()]
    const [en, fr] = [{ headers: { 'accept-language': 'en' } }, { headers: { 'accept-language': 'fr' } }]
    const asking = [a.ask(en), b.ask(en), c.ask(fr)]
    await fleet.sent.until('waiting', 2)
    gate.open()
    expect(await Promise.all(asking)).toEqual(['en 1 (miss)', 'en 1 (collapsed)', 'fr 2 (miss)'])
    expect(await Promise.all([a.ask(fr), b.ask(fr), c.ask(en)])).toEqual(['fr 2 (hit)', 'fr 2 (hit)', 'en 1 (hit)'])
    const late = join()
    expect([await late.ask(fr), await late.ask(en)]).toEqual(['fr 2 (hit)', 'en 1 (hit)'])
    expect(tally.count('runs')).toBe(2)
  })

  it('that may not be shared are run by each at once, and no request waits for the next one', async () => {
    const { fleet, gate, tally, join } = setUp(run => answer(`run ${run}`, { headers: lines({ 'set-cookie': 'a=b' }) }))
    const [a, b, c] = [join(), join(), join()]
    const asking = [a.ask(), b.ask(), b.ask(), c.ask()]
    await fleet.sent.until('waiting', 2)
    gate.open()
    expect(new Set(await Promise.all(asking))).toEqual(new Set([1, 2, 3, 4].map(run => `run ${run} (miss)`)))
    const waited = fleet.sent.count('waiting')
    await Promise.all([join().ask(), join().ask()])
    expect(fleet.sent.count('waiting')).toBe(waited)
    expect(tally.count('runs')).toBe(6)
  })

  it('fail for all with the error of the handler, which each process asks for itself', async () => {
    const failing: Handler = () => {
      throw Object.assign(new Error('down'), { status: 503 })
    }
    const { fleet, gate, tally, join } = setUp(failing)
    const [a, b] = [join(), join()]
    const asking = [a.ask(), b.ask(), b.ask()].map(asked => asked.catch((error: unknown) => error))
    await fleet.sent.until('waiting', 1)
    gate.open()
    for (const error of await Promise.all(asking)) expect(error).toMatchObject({ message: 'down', status: 503 })
    // Once in the first process; in the other one for the first request, and once more for those that follow it.
    expect(tally.count('runs')).toBe(3)
  })

  it('are removed everywhere by a path, by a tag and by an unsafe request, and flights are fenced', async () => {
    const { gate, join } = setUp(plain, { tags: ['t'] })
    const [a, b] = [join(), join()]
    gate.open()
    const drops: readonly (() => Promise<unknown>)[] = [
      () => a.http.invalidate('/'),
      () => a.http.invalidateTags('t'),
      () => a.http.clear(),
      async () => {
        const decision = await a.http.open(view({ method: 'POST' }))
        if (decision.kind === 'bypass') decision.answered?.(new Map(), 204)
        return { fleet: true }
      },
    ]
    for (const [index, drop] of drops.entries()) {
      expect([await a.ask(), await b.ask()]).toEqual([`run ${index + 1} (miss)`, `run ${index + 1} (hit)`])
      expect(await drop()).toEqual({ fleet: true })
      await delivered()
    }
    expect(await b.ask()).toBe('run 5 (miss)')
  })

  it('are not stored where they were invalidated elsewhere while the handler ran', async () => {
    const { gate, tally, events, join } = setUp(plain)
    const [a, b] = [join(), join()]
    const flying = a.ask()
    await tally.until('runs', 1)
    await b.http.invalidate('/')
    const anew = b.ask()
    gate.open()
    expect(await flying).toBe('run 1 (miss)')
    await anew
    expect(a.http.stats().entries + b.http.stats().entries).toBeLessThan(2)
    expect(events.filter(({ type }) => type === 'fence').length).toBeGreaterThan(0)
    expect(await a.ask()).not.toContain('run 1')
  })

  it('go on where their leader gives up', async () => {
    const { fleet, gate, join } = setUp(plain)
    const [a, b] = [join(), join()]
    const decision = await a.http.open(view())
    const next = b.ask()
    await fleet.sent.until('waiting', 1)
    if (decision.kind === 'lead') decision.lease.abandon()
    gate.open()
    expect(await next).toBe('run 1 (miss)')
  })

  it('are kept only for a short time if the store disappears during a flight', async () => {
    const { clock, fleet, gate, tally, join } = setUp(plain, { ttl: 60_000 })
    const { ask } = join()
    const asking = ask()
    await tally.until('runs', 1)
    fleet.stop()
    gate.open()
    expect(await asking).toBe('run 1 (miss)')
    expect(await ask()).toMatch(/^run 1/)
    clock.advance(5_000)
    expect(await ask()).toBe('run 2 (miss)')
  })

  it('continue without the store if it takes too long, which is reported', async () => {
    const { clock, fleet, gate, events, join } = setUp(plain)
    const { ask } = join()
    gate.open()
    fleet.hold('read')
    const asked = ask()
    await fleet.sent.until('read', 1)
    clock.advance(20_000)
    expect(await asked).toBe('run 1 (miss)')
    expect(events).toContainEqual({ type: 'degrade', target: '*', reason: 'the store took too long' })
  })

  it('go on by themselves where the store does not answer', async () => {
    const { clock, fleet, gate, tally, join } = setUp(plain, { ttl: 60_000 })
    const [a, b] = [join(), join()]
    fleet.stop()
    gate.open()
    expect(await Promise.all([a.ask(), a.ask(), b.ask()])).toEqual([
      'run 1 (miss)',
      'run 1 (collapsed)',
      'run 2 (miss)',
    ])
    expect(await a.http.invalidate('/other')).toEqual({ fleet: false })
    clock.advance(5_000)
    expect(await a.ask()).toBe('run 3 (miss)')
    expect(tally.count('runs')).toBe(3)
  })
})

it.each([{ range: 'bytes=0-1' }, { 'if-none-match': '"v"' }, { 'cache-control': 'only-if-cached' }])(
  'a request that looks into a store that does not answer goes on without it: %j',
  async headers => {
    const { clock, fleet, gate, events, join } = setUp(plain, { clientDirectives: 'honor', waitTimeout: 1_000 })
    const { http } = join()
    gate.open()
    fleet.hold('read', 'request')
    const opened = http.open(view({ headers }))
    await fleet.sent.until('read', 1)
    clock.advance(2_000)
    await opened
    expect(events).toContainEqual({ type: 'degrade', target: '*', reason: 'the store took too long' })
  },
)

describe('a process that leaves', () => {
  const changing = { method: 'DELETE' }

  it('publishes first what an unsafe request in progress changes', async () => {
    const held = new Gate()
    const handler: Handler = async (run, { method }) => {
      if (method === 'DELETE') await held.passed()
      return answer(`run ${run}`)
    }
    const { gate, join } = setUp(handler)
    const [a, b] = [join(), join()]
    gate.open()
    expect([await a.ask(), await b.ask()]).toEqual(['run 1 (miss)', 'run 1 (hit)'])
    const changed = a.ask(changing)
    await delivered()
    const closed = a.http.close()
    await delivered()
    expect(await b.ask()).toBe('run 1 (hit)')
    held.open()
    await Promise.all([changed, closed])
    expect(await b.ask()).toBe('run 3 (miss)')
  })

  it('waits no longer than half a minute for that, and for none that failed', async () => {
    const { clock, gate, join } = setUp(() => {
      throw new Error('broken')
    })
    const { http, ask } = join()
    const changed = ask(changing).catch(() => 'failed')
    await delivered()
    let isClosed = false
    const closed = http.close().then(() => {
      isClosed = true
    })
    clock.advance(29_999)
    await delivered()
    expect(isClosed).toBe(false)
    clock.advance(1)
    await closed
    const other = join()
    gate.open()
    expect([await changed, await other.ask(changing).catch(() => 'failed')]).toEqual(['failed', 'failed'])
    await other.http.close()
  })
})

describe('a stale response over several processes', () => {
  it('is given by a process that finds it in the store, where the handler fails', async () => {
    const handler: Handler = run => (run === 1 ? answer('old') : { ...answer('broken'), status: 500 })
    const { clock, gate, join } = setUp(handler, { staleIfError: TTL })
    const [a, b] = [join(), join()]
    gate.open()
    await a.ask()
    clock.advance(TTL)
    expect(await b.ask()).toBe('old (stale)')
  })

  it('is given while one request of its own refreshes it', async () => {
    const { clock, gate, tally, join } = setUp(plain, { staleWhileRevalidate: TTL })
    const [a, b] = [join(), join()]
    gate.open()
    await a.ask()
    clock.advance(TTL)
    // Without a way to send a request of its own, the one that finds it stale leads in front.
    expect(await b.ask()).toBe('run 2 (miss)')
    expect(await a.ask()).toBe('run 2 (hit)')
    expect(tally.count('runs')).toBe(2)
  })
})
