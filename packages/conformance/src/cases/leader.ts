import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import { Gate } from '../gate.ts'
import { StreamedBody } from '../mount.ts'

const TTL = 5_000
const DEADLINE = 1_000

/** A leader whose client can be cut off. */
function cuttable(): { readonly signal: AbortSignal; cut(): void } {
  const controller = new AbortController()
  return { signal: controller.signal, cut: () => controller.abort() }
}

export function leaderCases(setUp: SetUp): void {
  it('that disconnects before the head leaves the followers the whole answer', async () => {
    const { connections, fetch, events, gate, runs } = await setUp()
    const client = cuttable()
    const leader = fetch('/', { signal: client.signal })
    await runs.until('run', 1)
    const followers = [fetch('/'), fetch('/')]
    await events.until('follow', 2)
    client.cut()
    await expect(leader).rejects.toThrow('abort')
    await connections.until('closed', 1)
    gate.open()
    expect((await Promise.all(followers)).map(reply => reply.body)).toEqual(['run 1', 'run 1'])
    expect(runs.count('run')).toBe(1)
  })

  it('that disconnects in mid-body leaves the followers the whole answer', async () => {
    const rest = new Gate()
    async function* chunks(): AsyncGenerator<string> {
      yield 'first '
      await rest.passed()
      yield 'second '
      yield 'third'
    }
    const { connections, fetch, events, gate, runs } = await setUp({
      answer: () => ({ body: new StreamedBody(chunks()) }),
    })
    gate.open()
    const client = cuttable()
    const head = new Gate()
    const leader = fetch('/', { signal: client.signal, onHead: () => head.open() })
    await runs.until('run', 1)
    const followers = [fetch('/'), fetch('/')]
    await events.until('follow', 2)
    await head.passed()
    client.cut()
    await expect(leader).rejects.toThrow('abort')
    await connections.until('closed', 1)
    rest.open()
    expect((await Promise.all(followers)).map(reply => reply.body)).toEqual(Array(2).fill('first second third'))
    expect(runs.count('run')).toBe(1)
  })

  it('that fails after its client went hands over to the oldest follower', async () => {
    const { connections, fetch, events, gate, runs } = await setUp({
      answer: (_request, run) => {
        if (run === 1) throw new Error('client went')
        return { body: `run ${run}` }
      },
    })
    const client = cuttable()
    const leader = fetch('/', { signal: client.signal })
    await runs.until('run', 1)
    const followers = [fetch('/'), fetch('/'), fetch('/')]
    await events.until('follow', 3)
    client.cut()
    await expect(leader).rejects.toThrow('abort')
    await connections.until('closed', 1)
    gate.open()
    expect((await Promise.all(followers)).map(reply => reply.body)).toEqual(Array(3).fill('run 2'))
    expect(runs.count('run')).toBe(2)
  })

  it('that throws leaves it to a follower, and twice is for all; nothing is stored and the next request runs', async () => {
    const { burst, fetch, gate, runs } = await setUp({
      options: { ttl: TTL },
      answer: (_request, run) => {
        if (run <= 2) throw new Error('origin down')
        return { body: `run ${run}` }
      },
    })
    const replies = await burst(20, '/')
    gate.open()
    expect((await Promise.all(replies)).map(reply => reply.status)).toEqual(Array(20).fill(500))
    expect(runs.count('run')).toBe(2)
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'run 3' })
  })

  it('that never answers costs each follower one time limit, in parallel', async () => {
    const never = new Gate()
    const { clock, events, fetch, gate, runs } = await setUp({
      options: { waitTimeout: DEADLINE },
      answer: async (_request, run) => {
        if (run === 1) await never.passed()
        return { body: `run ${run}` }
      },
    })
    gate.open()
    const client = cuttable()
    const hung = fetch('/', { signal: client.signal })
    await runs.until('run', 1)
    const early = Array.from({ length: 5 }, () => fetch('/'))
    await events.until('follow', 5)
    clock.advance(DEADLINE - 1)
    const late = Array.from({ length: 5 }, () => fetch('/'))
    await events.until('follow', 10)
    clock.advance(1)
    expect((await Promise.all(early)).map(reply => reply.status)).toEqual(Array(5).fill(200))
    expect((await fetch('/')).status).toBe(200)
    clock.advance(DEADLINE - 1)
    expect((await Promise.all(late)).map(reply => reply.status)).toEqual(Array(5).fill(200))
    expect(runs.count('run')).toBe(12)
    client.cut()
    await expect(hung).rejects.toThrow('abort')
    never.open()
  })

  it('that breaks off in mid-body is not stored, and no follower gets a short body as a whole one', async () => {
    async function* chunks(): AsyncGenerator<string> {
      yield 'begin '
      throw new Error('origin broke off')
    }
    const { burst, fetch, gate } = await setUp({
      options: { ttl: TTL },
      answer: (_request, run) => ({ body: run === 1 ? new StreamedBody(chunks()) : 'whole' }),
    })
    const replies = await burst(3, '/')
    gate.open()
    const settled = await Promise.allSettled(replies)
    const succeeded = settled.filter(reply => reply.status === 'fulfilled' && reply.value.status < 500)
    expect(succeeded).toEqual([])
    expect(await fetch('/')).toMatchObject({ status: 200, body: 'whole' })
  })
}
