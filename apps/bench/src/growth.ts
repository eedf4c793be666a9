import type { SuiteResult } from './results.ts'
import { verdict } from './target.ts'

/** How much a contender may slow down from one suite to another, relative to how much the floor does. */
export interface Growth {
  readonly contender: string
  readonly from: string
  readonly to: string
  readonly atMost: number
}

/**
 * One line for a growth whose suites have both run. Each ratio to the floor is one of the same rounds, so that what slows
 * the machine between the suites cancels out; so does the control's, which shows the noise.
 */
export function growthLine(growth: Growth, results: readonly SuiteResult[]): string | undefined {
  const from = results.find(({ name }) => name === growth.from)
  const to = results.find(({ name }) => name === growth.to)
  if (from === undefined || to === undefined) return undefined
  const figure = ratioOf(to, growth.contender) / ratioOf(from, growth.contender)
  const control = to.control.median / from.control.median
  const floor = floorOf(to) / floorOf(from)
  return (
    `Growth from ${growth.from} to ${growth.to}: the floor ${floor.toFixed(2)}, ${growth.contender} ` +
    `${(floor * figure).toFixed(2)}; over the floor's ${figure.toFixed(2)} (control ${control.toFixed(2)}), ` +
    `target ${verdict(figure, growth)}.`
  )
}

function ratioOf({ lines }: SuiteResult, contender: string): number {
  return lines.find(({ name }) => name === contender)?.ratio?.median ?? Number.NaN
}

function floorOf({ lines }: SuiteResult): number {
  return lines.find(({ role }) => role === 'floor')?.nanoseconds.median ?? Number.NaN
}
