import type { HttpState } from '../flight/http-state.ts'
import { answeringMethods, entryKey, type KeyedRequest, variantOf } from '../request/keyed-request.ts'
import type { StoredResponse } from '../response/stored-response.ts'

/** A request with its variant, and the stored response of that variant. */
export interface Placed {
  readonly request: KeyedRequest
  readonly vary: readonly string[]
  readonly variant: string
  readonly stored: StoredResponse | undefined
  /** Whether an entry was found, usable or not. */
  readonly isExpired: boolean
  readonly now: number
}

/** Finds the stored response for a request. */
export function placeOf({ keyMemory, store }: HttpState, request: KeyedRequest, now: number): Placed {
  const vary = keyMemory.varyOf(request.key)
  const variant = variantOf(request, vary)
  const { recent } = request
  let isExpired = false
  for (const method of answeringMethods(request.view.method)) {
    const key = recent !== undefined && vary.length === 0 ? recent.entry : entryKey(method, variant)
    isExpired ||= store.peek(key) !== undefined
    const stored = store.get(key, now)
    if (stored !== undefined) return { request, vary, variant, stored, isExpired, now }
  }
  return { request, vary, variant, stored: undefined, isExpired, now }
}
