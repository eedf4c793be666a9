/**
 * Collects the rejections that nobody handles, in the way of the runtime at hand. Some tell of one that is handled a
 * moment later, and take it back.
 */
export function watchRejections() {
  const unhandled = new Map()
  const add = (promise, reason) => unhandled.set(promise, reason)
  const onEvent = event => {
    event.preventDefault?.()
    if (event.type === 'unhandledrejection') add(event.promise, event.reason)
    else unhandled.delete(event.promise)
  }
  const { process } = globalThis
  if (typeof process?.on === 'function') {
    process.on('unhandledRejection', (reason, promise) => add(promise, reason))
    process.on('rejectionHandled', promise => unhandled.delete(promise))
  }
  for (const type of ['unhandledrejection', 'rejectionhandled']) globalThis.addEventListener?.(type, onEvent)
  return { reasons: () => [...unhandled.values()] }
}
