/** Reads the bytes in use after a garbage collection; undefined where node runs without --expose-gc. */
export function collectedHeap(): (() => number) | undefined {
  const collect = globalThis.gc
  if (collect === undefined) return undefined
  return () => {
    // What the first one finalizes, the second one frees.
    collect()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
}
