import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { Scene } from '../stage.ts'

const HONOR: Scene = { options: { ttl: 10_000, clientDirectives: 'honor' } }
const control = (value: string): { readonly headers: { readonly 'cache-control': string } } => ({
  headers: { 'cache-control': value },
})

export function clientDirectiveCases(setUp: SetUp): void {
  it('are ignored by default: no client makes the handler work', async () => {
    const { fetch, gate, runs } = await setUp({ options: { ttl: 10_000 } })
    gate.open()
    await fetch('/')
    for (const value of ['no-cache', 'no-store', 'max-age=0', 'min-fresh=100', 'only-if-cached'])
      expect((await fetch('/', control(value))).body).toBe('run 1')
    expect((await fetch('/', { headers: { pragma: 'no-cache' } })).body).toBe('run 1')
    expect(runs.count('run')).toBe(1)
  })

  it.each(['no-cache', 'max-age=0', 'max-age=1', 'min-fresh=9'])('that say %s are honored with a run', async value => {
    const { fetch, gate, clock } = await setUp(HONOR)
    gate.open()
    await fetch('/')
    clock.advance(2_000)
    expect((await fetch('/', control(value))).body).toBe('run 2')
    expect((await fetch('/')).body).toBe('run 2')
  })

  it.each(['max-age=2', 'min-fresh=8', 'max-age=5, min-fresh=1', 'unknown'])(
    'that say %s are content with what is stored for two seconds of ten',
    async value => {
      const { fetch, gate, clock } = await setUp(HONOR)
      gate.open()
      await fetch('/')
      clock.advance(1_999)
      expect((await fetch('/', control(value))).body).toBe('run 1')
    },
  )

  it('with no-store bypass, and leave stored responses', async () => {
    const { fetch, gate } = await setUp(HONOR)
    gate.open()
    await fetch('/')
    const reply = await fetch('/', control('no-store'))
    expect(reply).toMatchObject({ body: 'run 2', headers: { 'cache-status': 'stampede; fwd=bypass; detail=no-store' } })
    expect((await fetch('/')).body).toBe('run 1')
  })

  it('that say only-if-cached get a 504 where nothing is stored (RFC 9111 s5.2.1.7)', async () => {
    const { fetch, gate, runs } = await setUp(HONOR)
    gate.open()
    expect((await fetch('/', control('only-if-cached'))).status).toBe(504)
    expect(runs.count('run')).toBe(0)
    await fetch('/')
    expect(await fetch('/', control('only-if-cached'))).toMatchObject({ status: 200, body: 'run 1' })
  })

  it('with max-stale accept stale responses, except those that must be revalidated', async () => {
    const { fetch, gate, clock, runs } = await setUp({
      options: { clientDirectives: 'honor' },
      answer: (request, run) => {
        const strict = request.target === '/strict' ? ', must-revalidate' : ''
        return { headers: { 'cache-control': `max-age=1${strict}`, etag: '"a"' }, body: `run ${run}` }
      },
    })
    gate.open()
    await fetch('/')
    await fetch('/strict')
    clock.advance(3_000)
    expect((await fetch('/', control('max-stale=5'))).body).toBe('run 1')
    expect((await fetch('/', control('max-stale'))).body).toBe('run 1')
    expect(runs.count('run')).toBe(2)
    expect((await fetch('/strict', control('max-stale=5'))).body).toBe('run 3')
    expect((await fetch('/', control('max-stale=1'))).body).toBe('run 4')
  })

  it.each(['must-revalidate', 'proxy-revalidate', 's-maxage=1'])(
    'that say max-stale never get what says %s once it is stale (RFC 9111 s4.2.4)',
    async strict => {
      const { fetch, gate, clock } = await setUp({
        options: { clientDirectives: 'honor' },
        answer: (_request, run) => ({
          headers: { 'cache-control': `max-age=1, ${strict}`, etag: '"a"' },
          body: `run ${run}`,
        }),
      })
      gate.open()
      await fetch('/')
      clock.advance(2_000)
      expect((await fetch('/', control('max-stale'))).body).toBe('run 2')
    },
  )

  it('count as Pragma where there is no Cache-Control (RFC 9111 s5.4)', async () => {
    const { fetch, gate } = await setUp(HONOR)
    gate.open()
    await fetch('/')
    const headers = { pragma: 'no-cache', 'cache-control': 'max-age=60' }
    expect((await fetch('/', { headers })).body).toBe('run 1')
    expect((await fetch('/', { headers: { pragma: 'no-cache' } })).body).toBe('run 2')
  })
}
