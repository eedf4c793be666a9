import { expect, it, onTestFinished, vi } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { ResponseView } from '@stampede/core/http'
import type { OriginRequest } from '../mount.ts'

const byHeader = (response: ResponseView): number => Number(response.header('X-Ttl') ?? 0)
const status = ({ target }: OriginRequest): number => Number(/\d+/.exec(target)?.[0] ?? 200)

export function lifetimeCases(setUp: SetUp): void {
  it('by ttl and errorTtl as functions is made of status and headers, each below its own status', async () => {
    const asked: string[] = []
    const { fetch, gate, clock } = await setUp({
      options: {
        ttl: response => {
          asked.push(`ttl ${response.status}`)
          return byHeader(response)
        },
        errorTtl: response => {
          asked.push(`errorTtl ${response.status}`)
          return response.status === 404 ? 2_000 : 0
        },
      },
      answer: (request, run) => ({
        status: status(request),
        headers: { 'x-run': String(run), 'x-ttl': request.target === '/200' ? '1000' : '0' },
        body: 'x',
      }),
    })
    gate.open()
    const run = async (target: string): Promise<unknown> => (await fetch(target)).headers['x-run']
    for (const [target, ttl] of [
      ['/200', 1_000],
      ['/404', 2_000],
    ] as const) {
      const first = await run(target)
      clock.advance(ttl - 1)
      expect(await run(target)).toBe(first)
      clock.advance(1)
      expect(await run(target)).not.toBe(first)
    }
    for (const target of ['/200?none', '/503']) expect(await run(target)).not.toBe(await run(target))
    expect(new Set(asked)).toEqual(new Set(['ttl 200', 'errorTtl 404', 'errorTtl 503']))
  })

  it.each(['ttl', 'errorTtl'])(
    'by a function %s that fails is none: each gets its own answer, and is told by name',
    async name => {
      for (const wrong of [
        () => {
          throw new Error(`no ${name}`)
        },
        () => -1,
        () => 'soon' as unknown as number,
      ]) {
        const told: string[] = []
        const { burst, fetch, gate, stats } = await setUp({
          options: {
            [name]: wrong,
            onEvent: event => {
              if (event.type === 'error') told.push((event.error as Error).message)
            },
          },
          answer: (_request, run) => ({ status: name === 'ttl' ? 200 : 404, body: `run ${run}` }),
        })
        const waiting = await burst(3, '/')
        gate.open()
        expect(new Set((await Promise.all(waiting)).map(({ body }) => body)).size).toBe(3)
        expect((await fetch('/')).body).toBe('run 4')
        expect(told.length).toBeGreaterThan(0)
        for (const message of told) expect(message).toMatch(name === 'ttl' ? /"ttl"|no ttl/ : /"errorTtl"|no errorTtl/)
        expect(stats()).toMatchObject({ entries: 0, flights: 0 })
      }
    },
  )

  it('of a response that states one is not the option’s', async () => {
    const { fetch, gate } = await setUp({
      options: { ttl: 60_000 },
      answer: () => ({ headers: { 'cache-control': 'max-age=10', age: '4' }, body: 'x' }),
    })
    gate.open()
    await fetch('/')
    expect((await fetch('/')).headers).toMatchObject({ 'cache-status': 'stampede; hit; ttl=6', age: '4' })
  })

  it('by the option is less the age that a response came with', async () => {
    const { fetch, gate } = await setUp({
      options: { ttl: 10_000 },
      answer: () => ({ headers: { age: '4' }, body: 'x' }),
    })
    gate.open()
    await fetch('/')
    expect((await fetch('/')).headers['cache-status']).toBe('stampede; hit; ttl=6')
  })

  it('is replayed with the date of receipt if the handler set none (RFC 9110 s6.6.1)', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2030-01-01T00:00:00Z') })
    onTestFinished(() => void vi.useRealTimers())
    const { fetch, gate } = await setUp({ options: { ttl: 60_000 } })
    gate.open()
    await fetch('/')
    vi.setSystemTime(Date.parse('2030-01-01T00:00:30Z'))
    for (let hit = 0; hit < 2; hit += 1) expect((await fetch('/')).headers.date).toBe('Tue, 01 Jan 2030 00:00:00 GMT')
  })
}
