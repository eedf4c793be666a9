/**
 * What the handler threw, for one of those who waited for it. Frameworks and middleware write on an error what they send
 * with it (in `headers`: CORS for one visitor's origin), and nobody is to get what was written for another.
 */
export function ownError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const own: PropertyDescriptorMap = {
    ...Object.getOwnPropertyDescriptors(error),
    // Where it is an accessor, it tells only of the error that it was made for.
    stack: { value: error.stack, configurable: true, writable: true },
  }
  const headers: unknown = own['headers']?.value
  if (isPlainObject(headers)) own['headers'] = { ...own['headers'], value: { ...headers } }
  return Object.create(Object.getPrototypeOf(error) as object, own) as Error
}

/** A failure that the handler told by its answer, for those who cannot have that. */
export function failedWith(status: number): Error {
  return Object.assign(new Error(`stampede: the handler answered with status ${status}`), {
    status,
    statusCode: status,
  })
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
