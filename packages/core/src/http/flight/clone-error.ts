import type { Outcome } from '../contract/contract.ts'

/**
 * What the handler threw, for one of those who waited for it. Frameworks and middleware write on an error what they send
 * with it (in `headers`: CORS for one visitor's origin), and nobody is to get what was written for another.
 */
export function cloneError(error: unknown): unknown {
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

const outcomes = new WeakMap<object, Outcome>()

/** The same, with what became of the request that gets it. */
export function cloneErrorWith(error: unknown, outcome: Outcome): unknown {
  const own = cloneError(error)
  if (own instanceof Error) outcomes.set(own, outcome)
  return own
}

/** What the handler threw, for one request. Not an asynchronous function: nothing else needs the turn of a promise. */
export function rejectionOf(error: unknown, outcome: Outcome): Promise<never> {
  return Promise.reject(cloneErrorWith(error, outcome))
}

/**
 * What became of a request whose `open` rejected with this error: its headers go onto the answer that the framework makes
 * of it. `undefined` for what is no `Error`.
 */
export function outcomeOfError(error: unknown): Outcome | undefined {
  return error instanceof Error ? outcomes.get(error) : undefined
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
