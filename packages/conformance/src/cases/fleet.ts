import { expect, it } from 'vitest'
import type { Fetched } from '../client.ts'
import type { FleetStage } from '../fleet-stage.ts'
import { Gate } from '../gate.ts'
import { StreamedBody, ThrownAnswer } from '../mount.ts'
import { eventually } from '../real-time.ts'
import type { Scene } from '../stage.ts'
import { BY_HEADER } from './routed.ts'

type SetUpFleet = (scene?: Scene) => Promise<FleetStage>

/** Answers by its run; to what changes something, once it is let go. */
function unlessHeld(held: Gate): NonNullable<Scene['answer']> {
  return async ({ method }, run) => {
    if (method === 'DELETE') await held.passed()
    return { body: `run ${run}` }
  }
}

/** Over several processes: all that is said of one, as far as it concerns others. */
export function fleetCases(setUp: SetUpFleet): void {
  it('answers a burst at all processes with one run', async () => {
    const { servers, fleet, gate, runs } = await setUp()
    const replies = servers.flatMap(({ fetch }) => Array.from({ length: 20 }, () => fetch('/')))
    await fleet.waiting(2)
    gate.open()
    expect(new Set((await Promise.all(replies)).map(({ body }) => body))).toEqual(new Set(['run 1']))
    expect(runs.count('run')).toBe(1)
  })

  it('answers conditions, ranges and HEAD from what another process stored', async () => {
    const { servers, fleet, gate, runs } = await setUp({
      answer: () => ({ headers: { etag: '"v"' }, body: 'whole body' }),
    })
    gate.open()
    const [first, second, third] = servers
    await first.fetch('/')
    await fleet.idle()
    expect(await second.fetch('/', { headers: { range: 'bytes=0-4' } })).toMatchObject({ status: 206, body: 'whole' })
    expect(await second.fetch('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
    expect((await third.fetch('/', { headers: { 'if-none-match': '"v"' } })).status).toBe(304)
    expect(runs.count('run')).toBe(1)
  })

  it('distinguishes the choice of handlers in every process', async () => {
    const { servers, fleet, gate, runs } = await setUp(BY_HEADER)
    gate.open()
    const bodies: string[] = []
    for (const { fetch } of servers) {
      bodies.push((await fetch('/p', { headers: { 'x-as': 'phone' } })).body, (await fetch('/p')).body)
      await fleet.idle()
    }
    expect(bodies).toEqual(Array.from({ length: 3 }, () => ['/m/p run 1', '/p run 2']).flat())
    expect(runs.count('run')).toBe(2)
  })

  it('shares a body that arrives in pieces once it is whole', async () => {
    const pieces = async function* (): AsyncGenerator<string> {
      yield 'one '
      yield 'two'
    }
    const { servers, fleet, gate, runs } = await setUp({ answer: () => ({ body: new StreamedBody(pieces()) }) })
    const replies = servers.map(({ fetch }) => fetch('/'))
    await fleet.waiting(2)
    gate.open()
    expect((await Promise.all(replies)).map(({ body }) => body)).toEqual(['one two', 'one two', 'one two'])
    expect(runs.count('run')).toBe(1)
  })

  it.each(['Set-Cookie', 'Cache-Control: private', 'Cache-Control: no-store', 'Vary: *'])(
    'never shares an answer with %s, in no process',
    async line => {
      const [name = '', value = 'a=b'] = line.split(': ')
      const { servers, fleet, gate, runs } = await setUp({
        answer: (_request, run) => ({ headers: { [name]: value }, body: `own ${run}` }),
      })
      const replies = servers.flatMap(({ fetch }) => [fetch('/'), fetch('/')])
      await fleet.waiting(2)
      gate.open()
      expect(new Set((await Promise.all(replies)).map(({ body }) => body)).size).toBe(6)
      expect(runs.count('run')).toBe(6)
    },
  )

  it('keeps users with credentials apart in every process', async () => {
    const { servers, gate } = await setUp({
      options: { credentials: 'separate' },
      answer: request => ({ body: `for ${request.header('cookie')}` }),
    })
    gate.open()
    const ask = (cookie: string): Promise<Fetched[]> =>
      Promise.all(servers.map(({ fetch }) => fetch('/', { headers: { cookie } })))
    expect((await ask('user=a')).map(({ body }) => body)).toEqual(Array.from({ length: 3 }, () => 'for user=a'))
    expect((await ask('user=b')).map(({ body }) => body)).toEqual(Array.from({ length: 3 }, () => 'for user=b'))
  })

  it('gives each variant its own, whichever process learned of it', async () => {
    const { servers, fleet, gate, runs } = await setUp({
      answer: request => ({ headers: { vary: 'x-lang' }, body: `in ${request.header('x-lang')}` }),
    })
    const [first, second, third] = servers
    const replies = [
      first.fetch('/', { headers: { 'x-lang': 'en' } }),
      second.fetch('/', { headers: { 'x-lang': 'fr' } }),
      third.fetch('/', { headers: { 'x-lang': 'en' } }),
    ]
    await fleet.waiting(2)
    gate.open()
    expect((await Promise.all(replies)).map(({ body }) => body)).toEqual(['in en', 'in fr', 'in en'])
    expect(runs.count('run')).toBe(2)
  })

  it('finds a variant that was replaced by a process that knew its Vary, in a process that does not', async () => {
    const { servers, fleet, gate, runs } = await setUp({
      answer: (request, run) => ({
        headers: { vary: 'x-lang', 'stampede-cache-tag': run === 1 ? 'first' : 'next' },
        body: `${request.header('x-lang')} ${run}`,
      }),
    })
    gate.open()
    const [first, second] = servers
    const ask = async ({ fetch }: { readonly fetch: typeof first.fetch }, lang: string): Promise<string> =>
      (await fetch('/', { headers: { 'x-lang': lang } })).body
    expect(await ask(first, 'en')).toBe('en 1')
    expect(await first.invalidateTags('first')).toEqual({ fleet: true })
    expect(await ask(first, 'en')).toBe('en 2')
    await fleet.idle()
    expect(await ask(second, 'en')).toBe('en 2')
    expect(runs.count('run')).toBe(2)
  })

  it('gives all the answer that the framework makes of the same error', async () => {
    const { servers, fleet, gate, runs } = await setUp({
      answer: () => {
        throw new ThrownAnswer(404, 'no such thing')
      },
    })
    const replies = servers.map(({ fetch }) => fetch('/'))
    await fleet.waiting(2)
    gate.open()
    const [first, second, third] = (await Promise.all(replies)).map(({ status, body }) => ({ status, body }))
    expect(second).toEqual(first)
    expect(third).toEqual(first)
    expect(runs.count('run')).toBe(1)
  })

  it('receives the changes of an unsafe request in progress when its process leaves', async () => {
    const held = new Gate()
    const { servers, gate, runs } = await setUp({ answer: unlessHeld(held) })
    gate.open()
    const [first, second] = servers
    expect([(await first.fetch('/')).body, (await second.fetch('/')).body]).toEqual(['run 1', 'run 1'])
    const changed = first.fetch('/', { method: 'DELETE' })
    await runs.until('run', 2)
    const left = first.leave()
    held.open()
    await Promise.all([changed, left])
    await eventually(async () => (await second.fetch('/')).body === 'run 3')
  })

  it('waits for no request whose client is gone when its process leaves', async () => {
    const held = new Gate()
    const { servers, runs, gate } = await setUp({ answer: unlessHeld(held) })
    gate.open()
    const [first] = servers
    const client = new AbortController()
    const changed = first.fetch('/', { method: 'DELETE', signal: client.signal }).catch(() => 'gone')
    await runs.until('run', 1)
    client.abort()
    expect(await changed).toBe('gone')
    await first.leave()
    held.open()
  })

  it('drops everywhere what one process invalidates', async () => {
    const { servers, gate, events } = await setUp({ options: { tags: ['all'] } })
    gate.open()
    const [first, second, third] = servers
    const bodies = async (): Promise<string[]> => {
      const replies: string[] = []
      for (const { fetch } of servers) replies.push((await fetch('/a')).body)
      return replies
    }
    const same = (run: number): string[] => Array.from({ length: 3 }, () => `run ${run}`)
    expect(await bodies()).toEqual(same(1))
    expect(await second.invalidate('/a')).toEqual({ fleet: true })
    expect(await bodies()).toEqual(same(2))
    expect(await third.invalidateTags('all')).toEqual({ fleet: true })
    expect(await bodies()).toEqual(same(3))
    await first.fetch('/a', { method: 'POST' })
    await events.until('invalidate', 3)
    expect(await bodies()).toEqual(same(5))
    expect(await first.clear()).toEqual({ fleet: true })
    expect(await bodies()).toEqual(same(6))
  })
}
