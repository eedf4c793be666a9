/** A bound that a figure is wanted to keep to. */
export type Wanted = { readonly atMost: number } | { readonly atLeast: number } | { readonly below: number }

/** The ratio to the floor that a contender is wanted to have at most. */
export interface Target {
  readonly contender: string
  readonly atMost: number
}

/** What is wanted, and whether the figure has it. */
export function verdict(figure: number, wanted: Wanted): string {
  const { bound, isMet } = judged(figure, wanted)
  return `${bound} ${isMet ? 'met' : 'missed'}`
}

function judged(figure: number, wanted: Wanted): { bound: string; isMet: boolean } {
  if ('atMost' in wanted) return { bound: `<= ${wanted.atMost}`, isMet: figure <= wanted.atMost }
  if ('atLeast' in wanted) return { bound: `>= ${wanted.atLeast}`, isMet: figure >= wanted.atLeast }
  return { bound: `< ${wanted.below}`, isMet: figure < wanted.below }
}
