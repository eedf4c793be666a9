import type { Outcome } from '../contract/contract.ts'

/**
 * A copy of the handler's error, for one follower. Frameworks and middleware set headers on an error (in `headers`:
 * CORS for one visitor's origin), which no other request may get.
 */
export function cloneError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const own: PropertyDescriptorMap = {
    ...Object.getOwnPropertyDescriptors(error),
    // An accessor may return values for the original error only.
    stack: { value: error.stack, configurable: true, writable: true },
  }
  const headers: unknown = own['headers']?.value
  if (isPlainObject(headers)) own['headers'] = { ...own['headers'], value: { ...headers } }
  return Object.create(Object.getPrototypeOf(error) as object, own) as Error
}

const outcomes = new WeakMap<object, Outcome>()

/** The same, with the outcome of the request that gets it. */
export function cloneErrorWith(error: unknown, outcome: Outcome): unknown {
  const own = cloneError(error)
  if (own instanceof Error) outcomes.set(own, outcome)
  return own
}

/**
 * A promise that rejects with a copy of the error. Not an async function, which would take a turn of the queue more.
 */
export function rejectionOf(error: unknown, outcome: Outcome): Promise<never> {
  return Promise.reject(cloneErrorWith(error, outcome))
}

/**
 * The outcome of a request whose `open` rejected with this error: set its headers on the framework's answer to the
 * error. `undefined` for anything but an `Error`.
 */
export function outcomeOfError(error: unknown): Outcome | undefined {
  return error instanceof Error ? outcomes.get(error) : undefined
}

/** An error for requests that cannot get the answer with which the handler failed. */
export function failedWith(status: number): Error {
  return Object.assign(new Error(`stampede: the handler answered with status ${status}`), {
    status,
    statusCode: status,
  })
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
