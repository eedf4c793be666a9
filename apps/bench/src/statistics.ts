/** What a list of numbers comes to. */
export interface Summary {
  readonly median: number
  readonly q1: number
  readonly q3: number
  readonly min: number
  readonly max: number
}

export function summary(numbers: readonly number[]): Summary {
  const at = (share: number): number => quantile(numbers, share)
  return { median: at(0.5), q1: at(0.25), q3: at(0.75), min: at(0), max: at(1) }
}

/** The number below which this share lies, interpolated between neighbours; NaN of nothing. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/** Each number over the floor's of the same round: what slows a whole round down cancels out. */
export function pairedRatios(numbers: readonly number[], floor: readonly number[]): number[] {
  if (numbers.length !== floor.length) throw new RangeError('Only the same rounds can be paired.')
  return numbers.map((number, round) => number / (floor[round] ?? Number.NaN))
}
