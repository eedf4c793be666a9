import { type BodyMemory, SharedBody } from '../body/shared-body.ts'
import type { Body, BodyStream } from '../contract/contract.ts'

/** The bodies that one lease shares while they stream. */
export class Taps {
  readonly #maxBodyBytes: number
  readonly #memory: BodyMemory
  readonly #taps: SharedBody[] = []

  constructor(maxBodyBytes: number, memory: BodyMemory) {
    this.#maxBodyBytes = maxBodyBytes
    this.#memory = memory
  }

  tap(source: BodyStream): SharedBody {
    const tap = new SharedBody(source, this.#maxBodyBytes, this.#memory)
    this.#taps.push(tap)
    return tap
  }

  /** Drops all bodies but one: only the leader reads them from now on. */
  dropAll(kept: Body = null): void {
    for (const tap of this.#taps) if (tap !== kept) tap.drop()
  }
}

/** @throws {TypeError} for an invalid body */
export function streamOf(body: Exclude<Body, Uint8Array | string | null>): BodyStream {
  if ('chunks' in body) return body
  throw new TypeError('stampede: a body is bytes, a stream with chunks and cancel, or what tap() returned')
}
