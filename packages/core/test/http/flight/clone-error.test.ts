import { expect, it } from 'vitest'
import { cloneError } from '../../../src/http/flight/clone-error.ts'

class Unavailable extends Error {
  readonly status = 503
  headers: Record<string, string> | undefined = { 'retry-after': '1' }
}

it('is all that the error is, of the same class, with its stack and cause', () => {
  const mark = Symbol('mark')
  const error = Object.assign(new Unavailable('down', { cause: 'disk' }), { [mark]: true })
  const own = cloneError(error)
  expect(own).toBeInstanceOf(Unavailable)
  expect(own).not.toBe(error)
  const { message, status, headers, stack, cause, name } = error
  expect(own).toMatchObject({ message, status, headers, stack, cause, name, [mark]: true })
})

it('isolates changes of the error, and of its headers', () => {
  const error = new Unavailable('down')
  const [own, other] = [cloneError(error), cloneError(error)] as [Unavailable, Unavailable]
  own.message = 'own'
  Object.assign(own.headers ?? {}, { 'access-control-allow-origin': 'https://a.example' })
  for (const { message, headers } of [error, other])
    expect([message, headers]).toEqual(['down', { 'retry-after': '1' }])
})

it.each([['text'], [undefined], [null], [7]])('%j is no error, and stays what it is', thrown => {
  expect(cloneError(thrown)).toBe(thrown)
})

it('is made of an error that is frozen, and keeps headers of another kind as they are', () => {
  const headers = new Map([['retry-after', '1']])
  const error = Object.freeze(Object.assign(new Error('down'), { headers }))
  expect(cloneError(error)).toMatchObject({ message: 'down', stack: error.stack, headers })
})
