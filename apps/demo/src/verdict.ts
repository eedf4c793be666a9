import type { Burst } from './burst.ts'

/** One line of the table: the same burst without Stampede and with it. */
export interface Row {
  readonly name: string
  readonly bare: Measured
  readonly stampede: Measured
}

/** A burst, and what it cost the origin. */
export interface Measured {
  readonly burst: Burst
  readonly originCalls: number
}

/** What is not as promised, a sentence for each figure. */
export function failures(rows: readonly Row[]): string[] {
  return rows.flatMap(({ name, bare, stampede }) => [
    ...wrong(`${name} without Stampede`, bare, bare.burst.requests),
    ...wrong(`${name} with Stampede`, stampede, 1),
  ])
}

function wrong(name: string, { burst, originCalls }: Measured, expectedCalls: number): string[] {
  const figures = [
    { what: 'origin calls', expected: expectedCalls, seen: originCalls },
    { what: 'right answers', expected: burst.requests, seen: burst.right },
    { what: 'errors', expected: 0, seen: burst.errors.length },
    { what: 'mismatching bodies', expected: 0, seen: burst.mismatches.length },
  ]
  return figures
    .filter(({ expected, seen }) => expected !== seen)
    .map(({ what, expected, seen }) => `${name}: expected ${expected} ${what}, saw ${seen}.`)
}
