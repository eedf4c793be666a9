import type { BodyStream } from '@stampede/core/http'
import type { Context } from 'hono'
import { executionOf } from './runtime.ts'

/**
 * Workers end a request's work when its client disconnects, although followers need the leader's answer. Asks the
 * runtime to continue until the returned function is called.
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

/** A leader that sent nothing for this long counts as gone. */
const AWAKE_MS = 30_000

/**
 * Workers end a request that only waits for another one's stream. Gives it a timer, for a while or until the returned
 * function is called. If its leader is gone for good, it still ends.
 */
export function stayAwake(c: Context): () => void {
  if (executionOf(c) === undefined) return () => {}
  const timer = setTimeout(() => {}, AWAKE_MS)
  return () => clearTimeout(timer)
}

/** The same body, with a callback at its end, of any kind. */
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
