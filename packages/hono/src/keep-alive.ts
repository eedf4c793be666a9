import type { BodyStream } from '@stampede/core/http'
import type { Context } from 'hono'
import { executionOf } from './runtime.ts'

/**
 * Workers end all that a request has under way when its client leaves; those who wait for the leader's answer need it
 * all the same. Asks the runtime to go on until the returned function is called.
 */
export function keepAlive(c: Context): () => void {
  const execution = executionOf(c)
  if (execution === undefined) return noop
  let release = noop
  execution.waitUntil(
    new Promise<void>(resolve => {
      release = resolve
    }),
  )
  return release
}

/** A leader that brought nothing for so long is taken for gone. */
const AWAKE_MS = 30_000

/**
 * Workers end a request that has nothing under way but to wait for what another one reads. Gives this one something, a
 * timer, for a while or until the returned function is called. Whose leader is gone for good is then ended all the same.
 */
export function stayAwake(c: Context): () => void {
  if (executionOf(c) === undefined) return () => {}
  const timer = setTimeout(() => {}, AWAKE_MS)
  return () => clearTimeout(timer)
}

/** The same body, which tells when it has come to an end of any kind. */
export function whenEnded(body: BodyStream, onEnd: () => void): BodyStream {
  const chunks = body.chunks[Symbol.asyncIterator]()
  const next = async (): Promise<IteratorResult<Uint8Array | string>> => {
    try {
      const step = await chunks.next()
      if (step.done === true) onEnd()
      return step
    } catch (error) {
      onEnd()
      throw error
    }
  }
  const cancel = (): void => {
    body.cancel()
    onEnd()
  }
  return { chunks: { [Symbol.asyncIterator]: () => ({ next }) }, cancel }
}

function noop(): void {}
