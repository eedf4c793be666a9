import type { BodyStream } from '../contract/contract.ts'

/** A web stream as a body; locked when first read. Cancelling works also while a chunk is awaited. */
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
      // The stream's own failure to cancel is the origin's affair, and nobody is left to be told.
      open()
        .cancel()
        .catch(() => {})
    },
  }
}
