import { isComplete } from '../rfc/body-length.ts'
import type { BodyEnd, SharedBody } from './shared-body.ts'

/** Calls back with all of a body that its leader alone reads, if it comes to an end as long as its head declares. */
export function whenWhole(
  body: SharedBody,
  declaredBytes: number | undefined,
  keep: (whole: Uint8Array) => void,
): void {
  const onEnd = ({ kind }: BodyEnd): void => {
    if (kind !== 'whole') return
    const whole = body.takeWhole()
    if (isComplete(whole, declaredBytes)) keep(whole)
  }
  if (body.end === undefined) body.share({ declaredBytes, isWanted: () => false, onProgress: () => {}, onEnd })
  else onEnd(body.end)
}
