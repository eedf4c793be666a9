import { describe, expect, it } from 'vitest'
import { httpCommand } from '../src/http/http-command.ts'
import { BARE, BARE_JSON, CONTROL, lanesOf } from '../src/http/http-lanes.ts'
import { bufferOf, objectOf } from '../src/http/payload.ts'
import { ResponseReader } from '../src/http/response-reader.ts'
import { parts, type Sample, throughputResult } from '../src/http/throughput.ts'
import { throughputTable } from '../src/http/throughput-table.ts'
import { collecting } from './fakes.ts'

describe('payloads', () => {
  it.each([50, 1024, 102_400])('have %i bytes', bytes => {
    expect(bufferOf(bytes)).toHaveLength(bytes)
    expect(JSON.stringify(objectOf(bytes))).toHaveLength(bytes)
  })

  it('are refused where no object is so short', () => {
    expect(() => objectOf(5)).toThrow('it takes')
  })
})

describe('the reader of responses', () => {
  const wire = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 304 X\r\ncontent-length:0\r\n\r\n'

  it.each([1, 2, 7, 40, 1000])('finds their ends in pieces of %i bytes', size => {
    const heads: string[] = []
    const reader = new ResponseReader(head => heads.push(head))
    for (let at = 0; at < wire.length; at += size) reader.push(Buffer.from(wire.slice(at, at + size)))
    expect(heads).toEqual(['HTTP/1.1 200 OK\r\nContent-Length: 3', 'HTTP/1.1 304 X\r\ncontent-length:0'])
  })

  it('fails for one without a length', () => {
    const reader = new ResponseReader(() => {})
    expect(() => reader.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('does not say its length')
  })
})

it.each([
  [21, [7, 7, 7]],
  [7, [2, 2, 3]],
  [1, [1]],
])('%i rounds are shared out among launches', (rounds, shares) => {
  expect(parts(rounds, 3)).toEqual(shares)
})

describe('the result of a suite', () => {
  const lanes = lanesOf('koa', 1024, true)
  const sample = (requestsPerSecond: number): Sample => ({ requestsPerSecond, cpu: 1e6 / requestsPerSecond })
  const samples = new Map([
    ...lanes.map(({ name }) => [name, [sample(100), sample(50)]] as const),
    ['hit of Buffer', [sample(95), sample(45)]] as const,
    ['hit of JSON', [sample(150), sample(75)]] as const,
    [BARE_JSON, [sample(50), sample(25)]] as const,
    [CONTROL, [sample(100), sample(52)]] as const,
  ])
  const result = throughputResult({ name: 'koa-1k', about: 'so many bytes' }, lanes, samples)

  it('has each lane over the bare handlers of the same round, by throughput and by the processor', () => {
    const hit = result.lines.find(({ lane }) => lane.name === 'hit of Buffer')
    expect(hit?.overBuffer.byRate.median).toBeCloseTo((0.95 + 0.9) / 2)
    expect(hit?.overBuffer.byCpu.median).toBeCloseTo((0.95 + 0.9) / 2)
    expect(result.control.byRate.max).toBeCloseTo(1.04)
    expect(hit?.overBuffer.atBest).toBeCloseTo(0.95)
    expect(hit?.overBeside?.byRate.median).toBeCloseTo((0.95 + 0.9) / 2)
  })

  it('is shown with its targets', () => {
    const text = throughputTable(result)
    expect(text).toContain('koa-1k: so many bytes')
    expect(text).toMatch(/hit of Buffer .*>= 0\.95 missed/)
    expect(text).toMatch(/hit of JSON .*>= 1\.35 met/)
    expect(text).toMatch(new RegExp(`${BARE} +\\d`))
  })
})

describe('the lanes', () => {
  it.each(['fastify', 'hono', 'koa'] as const)(
    'of %s are a pair of controls, hits, and what is bypassed',
    framework => {
      const names = lanesOf(framework, 1024, true).map(({ name }) => name)
      expect(names).toEqual(
        expect.arrayContaining([BARE, CONTROL, BARE_JSON, 'hit of Buffer', 'hit of JSON', 'bypass (cookie)']),
      )
      // What a hit could cost at least, and what it costs where others may get hold of its bytes.
      expect(names).toEqual(
        expect.arrayContaining(['bare Buffer, fields of a hit', 'hit of Buffer, idle middleware too']),
      )
      expect(lanesOf(framework, 1024, false).some(({ served }) => served.answer === 'json')).toBe(false)
    },
  )
})

describe('the command', () => {
  const suite = { name: 'one', run: async () => ({ text: 'the table', result: {} }) }

  it('runs the given suites, for the given time', async () => {
    const out = collecting()
    const seen: number[] = []
    const timed = {
      ...suite,
      run: async ({ ms }: { ms: number }) => ({ ...(await suite.run()), result: { at: seen.push(ms) } }),
    }
    const world = { ...out, suites: [timed], pin: () => 'anywhere' }
    expect(await httpCommand(['--seconds', '0.25', '--rounds', '2'], world)).toBe(0)
    expect(seen).toEqual([250])
    expect(out.printed()).toContain('placed anywhere, rounds 2')
    expect(out.printed()).toContain('the table')
  })

  it('explains errors: 2 for arguments, 1 for a server that fails', async () => {
    const out = collecting()
    const failing = { name: 'one', run: () => Promise.reject(new Error('no server')) }
    const world = { ...out, suites: [failing], pin: () => '' }
    expect(await httpCommand(['--seconds', 'x'], world)).toBe(2)
    expect(await httpCommand([], world)).toBe(1)
    expect(await httpCommand(['--help'], world)).toBe(0)
    expect(out.errors).toEqual([expect.stringContaining('--seconds got "x"'), 'no server'])
    expect(out.printed()).toContain('Usage: bench:http')
  })
})
