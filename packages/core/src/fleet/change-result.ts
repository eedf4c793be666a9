/** The result of a change. Without a shared store, the local memory is all there is. */
export interface ChangeResult {
  /** Whether the shared store has the change too. */
  readonly fleet: boolean
}

/** A change without a shared store. */
export const LOCAL_RESULT: Promise<ChangeResult> = Promise.resolve(Object.freeze({ fleet: true }))

/** A change that was made here and sent to the shared store. */
export async function changeResultOf(shared: Promise<boolean>): Promise<ChangeResult> {
  return Object.freeze({ fleet: await shared })
}
