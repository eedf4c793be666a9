import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import type { OriginAnswer, OriginRequest } from '../mount.ts'
import { type Fuzzed, fuzzed, twins } from './arbitraries.ts'
import { withoutPort } from '../raw-client.ts'
import { attempt, field, outcome, written } from './wire.ts'

const TTL = 60_000
const VARY = ['x-a', 'x-b']
/** All that the key promises to cover, beside method and target. */
const COVERED = ['host', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', ...VARY]
const options = { ttl: TTL, errorTtl: TTL, vary: VARY, maxEntries: 100_000 }

const RUNS = Number(process.env['STAMPEDE_FUZZ_RUNS'] ?? 200)
const SEED = process.env['STAMPEDE_FUZZ_SEED']
/** Of what fails, the seed and the smallest example are printed by fast-check. */
const parameters = { numRuns: RUNS, ...(SEED !== undefined && { seed: Number(SEED) }) }
const TIMEOUT = 20_000 + RUNS * 50

/** Answers with all that the key covers. */
function echo(request: OriginRequest): OriginAnswer {
  const seen = COVERED.map(name => request.header(name) ?? null)
  return { body: JSON.stringify([request.target, request.url, ...seen]) }
}

export function fuzzCases(setUp: SetUp): void {
  it(
    'crashes nothing and crosses nothing, whatever bytes come',
    async () => {
      const sharing = await setUp({ options, answer: echo })
      const bare = await setUp({ options: { match: () => false }, answer: echo })
      for (const { gate } of [sharing, bare]) gate.open()
      const checked = { replayed: 0, answered: 0 }
      const check = async (bytes: string): Promise<void> => {
        const [shared, own] = await Promise.all([attempt(sharing.port, bytes), attempt(bare.port, bytes)])
        checked.answered += shared.length
        for (const [index, answer] of shared.entries()) {
          if (!/ hit|collapsed/.test(field(answer, 'cache-status') ?? '')) continue
          checked.replayed += 1
          const ownOutcome = own[index] && withoutPort(outcome(own[index]), bare.port)
          expect(withoutPort(outcome(answer), sharing.port)).toBe(ownOutcome)
        }
        expect(shared.map(({ status }) => status)).toEqual(own.map(({ status }) => status))
      }
      await fc.assert(
        fc.asyncProperty(fuzzed, twins, async (one, twin) => {
          for (const request of [one, twin(one), one]) await check(bytesOf(request))
        }),
        parameters,
      )
      // A run in which nothing is answered, or nothing replayed, would show nothing.
      expect(checked.answered).toBeGreaterThan(RUNS / 2)
      expect(checked.replayed).toBeGreaterThan(RUNS / 10)
      expect(sharing.events.count('error')).toBe(0)
    },
    TIMEOUT,
  )

  it(
    'gives those who wait at the same time only what they asked for',
    async () => {
      const sharing = await setUp({ options: { ...options, ttl: 0, errorTtl: 0 }, answer: echo })
      const bare = await setUp({ options: { match: () => false }, answer: echo })
      for (const { gate } of [sharing, bare]) gate.open()
      await fc.assert(
        fc.asyncProperty(fuzzed, fc.array(twins, { minLength: 1, maxLength: 3 }), async (one, mutations) => {
          const requests = [one, one, ...mutations.map(twin => twin(one))].map(bytesOf)
          const all = async (port: number): Promise<readonly (readonly string[])[]> =>
            Promise.all(
              requests.map(async bytes =>
                (await attempt(port, bytes)).map(answer => withoutPort(outcome(answer), port)),
              ),
            )
          expect(await all(sharing.port)).toEqual(await all(bare.port))
        }),
        { ...parameters, numRuns: Math.ceil(RUNS / 2) },
      )
    },
    TIMEOUT,
  )

  it(
    'answers a plain request after any bytes at all',
    async () => {
      const { port, gate, events } = await setUp({ options })
      gate.open()
      const bytes = fc.uint8Array({ maxLength: 200 }).map(all => Buffer.from(all).toString('latin1'))
      await fc.assert(
        fc.asyncProperty(bytes, fc.boolean(), async (noise, isBehindHead) => {
          await attempt(port, isBehindHead ? `GET / HTTP/1.1\r\nHost: a\r\n${noise}\r\n\r\n` : `${noise}\r\n\r\n`)
        }),
        { ...parameters, numRuns: Math.ceil(RUNS / 2) },
      )
      expect(events.count('error')).toBe(0)
    },
    TIMEOUT,
  )
}

function bytesOf({ method, target, lines, body, version }: Fuzzed): string {
  return written({ method, target, lines, body, version })
}
