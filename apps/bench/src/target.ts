/** A bound that a figure is wanted to keep to; the bound itself counts. */
export type Wanted = { readonly atMost: number } | { readonly atLeast: number }

/** The ratio to the floor that a contender is wanted to have at most. */
export interface Target {
  readonly contender: string
  readonly atMost: number
}

export function isMet(figure: number, wanted: Wanted): boolean {
  return 'atMost' in wanted ? figure <= wanted.atMost : figure >= wanted.atLeast
}

/** What is wanted, and whether the figure has it. */
export function verdict(figure: number, wanted: Wanted): string {
  const bound = 'atMost' in wanted ? `<= ${wanted.atMost}` : `>= ${wanted.atLeast}`
  return `${bound} ${isMet(figure, wanted) ? 'met' : 'missed'}`
}
