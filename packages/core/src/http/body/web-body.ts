import type { BodyStream } from '../contract/contract.ts'

/** A web stream as a body. It is locked on the first read. Cancelling works also while a chunk is awaited. */
export function webBody(stream: ReadableStream<Uint8Array>): BodyStream {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  const open = (): ReadableStreamDefaultReader<Uint8Array> => {
    reader ??= stream.getReader()
    return reader
  }
  return {
    chunks: {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          const { done, value } = await open().read()
          return done ? { done: true, value: undefined } : { done: false, value }
        },
      }),
    },
    cancel: () => {
      // The stream failed to cancel, and no reader is left to receive the error.
      open()
        .cancel()
        .catch(() => {})
    },
  }
}
