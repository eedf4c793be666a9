import { describe, expect, it } from 'vitest'
import { DEFAULT_PORT, parseArguments } from '../src/arguments.ts'
import { type Burst, burst } from '../src/burst.ts'
import { measure } from '../src/demo.ts'
import { nodeProblem } from '../src/node-version.ts'
import { startOrigin } from '../src/origin.ts'
import { frameworks } from '../src/servers/index.ts'
import { table } from '../src/table.ts'
import { failures, type Row } from '../src/verdict.ts'

const perfect: Burst = { requests: 2, right: 2, errors: [], mismatches: [], times: [1, 2] }
const row: Row = {
  name: 'Koa',
  bare: { burst: perfect, originCalls: 2 },
  stampede: { burst: perfect, originCalls: 1 },
}

describe('arguments', () => {
  it('are none, --serve and --port, or --fleet', () => {
    expect(parseArguments([])).toEqual({ kind: 'burst', port: DEFAULT_PORT })
    expect(parseArguments(['--', '--serve', '--port', '5000'])).toEqual({ kind: 'serve', port: 5000 })
    expect(parseArguments(['--fleet'])).toEqual({ kind: 'fleet', port: DEFAULT_PORT })
    expect(parseArguments(['--help'])).toEqual({ kind: 'help' })
  })

  it.each([
    [['--prot']],
    [['--port']],
    [['--port', 'x']],
    [['--port', '0']],
    [['--port', '65533']],
    [['--port', '4e3']],
    [['--serve', '--fleet']],
  ])('%j is wrong', given => {
    expect(parseArguments(given)).toMatchObject({ kind: 'wrong' })
  })
})

describe('the verdict', () => {
  it('is empty only where every figure is as promised', () => {
    expect(failures([row])).toEqual([])
    expect(failures([{ ...row, stampede: { burst: perfect, originCalls: 2 } }])).toEqual([
      'Koa with Stampede: expected 1 origin calls, saw 2.',
    ])
    expect(failures([{ ...row, bare: { burst: perfect, originCalls: 1 } }])).toHaveLength(1)
    expect(
      failures([{ ...row, bare: { burst: { ...perfect, right: 1, errors: ['x'] }, originCalls: 2 } }]),
    ).toHaveLength(2)
    expect(
      failures([{ ...row, bare: { burst: { ...perfect, right: 1, mismatches: ['x'] }, originCalls: 2 } }]),
    ).toHaveLength(2)
  })
})

describe('a burst', () => {
  it('distinguishes right answers from errors and from bodies of another run', async () => {
    const answers = [
      { status: 200, body: '{"nonce":"mine"}' },
      { status: 200, body: '{"nonce":"other"}' },
      { status: 200, body: 'not json' },
      { status: 500, body: '{"nonce":"mine"}' },
    ]
    let index = 0
    const fired = await burst(5, 'mine', async () => {
      const answer = answers[index]
      index += 1
      if (answer === undefined) throw new Error('reset')
      return answer
    })
    expect(fired).toMatchObject({ requests: 5, right: 1, errors: ['status 500', 'reset'] })
    expect(fired.mismatches).toEqual(['{"nonce":"other"}', 'not json'])
  })
})

describe('the servers', () => {
  it.each(frameworks)('of $name has Stampede in front of /report only', async ({ start }) => {
    const origin = await startOrigin(0)
    const server = await start({ origin, stampede: { ttl: 0 }, port: 0 })
    const [report, bare] = await Promise.all(['/report', '/bare'].map(path => fetch(`${server.url}${path}?nonce=n`)))
    expect(report?.headers.get('cache-status')).toBe('stampede; fwd=uri-miss')
    expect(bare?.headers.get('cache-status')).toBeNull()
    expect(await bare?.json()).toMatchObject({ nonce: 'n', path: '/report' })
    await server.close()
    await origin.close()
  })
})

describe('the demo', () => {
  it('measures each framework and functions for real', async () => {
    const rows = await measure(20, 5)
    expect(rows.map(({ name }) => name)).toEqual(['Fastify', 'Hono', 'Koa', 'function'])
    expect(failures(rows)).toEqual([])
    expect(table(rows).split('\n')).toHaveLength(rows.length + 2)
  })

  it('turns an unsupported Node away with a sentence', () => {
    expect(['20.19.0', '22.12.0', '24.0.0'].map(nodeProblem)).toEqual([undefined, undefined, undefined])
    for (const old of ['18.20.0', '20.18.0', '21.7.0', '22.11.0']) expect(nodeProblem(old)).toContain(`this is ${old}`)
  })
})
