import type { Role } from './lanes.ts'
import { pairedRatios, type Summary, summary } from './statistics.ts'

/** What the rounds of one contender came to. */
export interface Measured {
  readonly name: string
  readonly role: Role
  readonly version: string | undefined
  readonly allowance: string | undefined
  /** The ratio to the floor that it is wanted to have at most. */
  readonly target: number | undefined
  /** Operations in each round. */
  readonly operations: number
  /** Nanoseconds per operation, round by round. */
  readonly rounds: readonly number[]
}

/** One contender of a suite with its figures. */
export interface Line extends Measured {
  readonly nanoseconds: Summary
  /** Over the floor of the same round; the floor itself has none. */
  readonly ratio: Summary | undefined
}

/** All figures of a suite. */
export interface SuiteResult {
  readonly name: string
  readonly about: string
  /** The floor over itself: how far a ratio strays where there is nothing to measure. */
  readonly control: Summary
  readonly lines: readonly Line[]
  /** Names in the order in which they ran, round by round. */
  readonly order: readonly (readonly string[])[]
}

interface Ran {
  readonly name: string
  readonly about: string
  readonly measured: readonly Measured[]
  readonly order: readonly (readonly string[])[]
}

export function suiteResult({ name, about, measured, order }: Ran): SuiteResult {
  const floor = roundsOf(measured, 'floor')
  const lines = measured.map(each => ({
    ...each,
    nanoseconds: summary(each.rounds),
    ratio: each.role === 'floor' ? undefined : summary(pairedRatios(each.rounds, floor)),
  }))
  return { name, about, control: summary(pairedRatios(roundsOf(measured, 'control'), floor)), lines, order }
}

function roundsOf(measured: readonly Measured[], role: Role): readonly number[] {
  return measured.find(each => each.role === role)?.rounds ?? []
}
