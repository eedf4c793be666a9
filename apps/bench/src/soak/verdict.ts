/** Bytes that were in use after a garbage collection, once so many operations had run. */
export interface Sample {
  readonly operations: number
  readonly heap: number
  readonly entries: number
  readonly flights: number
}

/** What a soak left behind. */
export interface Evidence {
  readonly samples: readonly Sample[]
  /** Flights in progress after every fetch had ended. */
  readonly flights: number
  readonly unhandled: readonly string[]
  /** Listeners left on the signal that all calls shared. */
  readonly listeners: number
  /** Wrong answers. */
  readonly surprises: readonly string[]
}

/** What the heap may grow to between the first sample and the last. */
export const MAX_GROWTH = 1.1

export function growthOf(samples: readonly Sample[]): number {
  const first = samples[0]?.heap ?? Number.NaN
  return (samples.at(-1)?.heap ?? Number.NaN) / first
}

/** What is wrong, one sentence each; nothing where all is well. */
export function problemsOf({ samples, flights, unhandled, listeners, surprises }: Evidence): string[] {
  const growth = growthOf(samples)
  return [
    // Written so that a figure that is not there fails, too.
    ...(growth <= MAX_GROWTH ? [] : [`The heap came to ${growth.toFixed(3)} of the first sample, over ${MAX_GROWTH}.`]),
    ...(flights === 0 ? [] : [`${flights} flights were left, though every fetch had ended.`]),
    ...(listeners === 0 ? [] : [`${listeners} abort listeners were left on the signal that the calls shared.`]),
    ...unhandled.map(reason => `Nobody handled the rejection ${reason}.`),
    ...surprises.map(surprise => `A caller was surprised: ${surprise}.`),
  ]
}
