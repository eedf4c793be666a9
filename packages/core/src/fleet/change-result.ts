/** What a change has reached. Without a shared store, the local one is all there is. */
export interface ChangeResult {
  /** Whether the shared store has the change too. */
  readonly fleet: boolean
}

/** A change that has reached all there is. */
export const LOCAL_RESULT: Promise<ChangeResult> = Promise.resolve(Object.freeze({ fleet: true }))

/** A change that this process has made, and the fleet gets by its shared store. */
export async function changeResultOf(shared: Promise<boolean>): Promise<ChangeResult> {
  return Object.freeze({ fleet: await shared })
}
