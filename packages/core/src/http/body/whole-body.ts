import { isComplete } from '../rfc/body-length.ts'
import type { BodyEnd, SharedBody } from './shared-body.ts'

/** Calls back with a complete body that only its leader reads, if it ends at its declared length. */
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
