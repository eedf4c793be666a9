import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { setUpFleet } from '../support/fleets.ts'

const emitWarning = vi.fn<(message: string, options: unknown) => void>()

beforeEach(() => {
  emitWarning.mockReset()
  vi.spyOn(process, 'emitWarning').mockImplementation(emitWarning as typeof process.emitWarning)
})

afterEach(() => vi.restoreAllMocks())

it('a value that cannot be shared causes one warning of the process, without a listener', async () => {
  const { gate, join } = setUpFleet()
  gate.open()
  const cache = join({ onEvent: undefined })
  const made = async (): Promise<unknown> => ({ at: new Date(0), name: undefined })
  expect(await cache.get('user:1', made)).toEqual({ at: new Date(0), name: undefined })
  await cache.set('user:2', { name: undefined })
  await cache.get('user:3', made)
  expect(emitWarning.mock.calls).toEqual([
    [
      'stampede: a value cannot be shared with other processes: a Date at ["at"]; it takes bytes, text, and what JSON has a form for ' +
        '(key "user:1"; said once, see the option "onEvent")',
      { type: 'StampedeWarning', code: 'STAMPEDE_UNSHARED' },
    ],
  ])
})

it('a listener receives each instead', async () => {
  const { gate, join, tally } = setUpFleet()
  gate.open()
  const cache = join()
  await cache.get('a', async () => ({ name: undefined }))
  await cache.set('b', new Date(0))
  expect([tally.count('error'), emitWarning.mock.calls]).toEqual([2, []])
})

it('a process without warnings, or whose warnings throw, is left alone', async () => {
  const { gate, join } = setUpFleet({ onEvent: undefined })
  gate.open()
  emitWarning.mockImplementation(() => {
    throw new Error('--throw-deprecation')
  })
  expect(await join().get('k', async () => new Date(0))).toEqual(new Date(0))
  vi.stubGlobal('process', undefined)
  const value = await join()
    .get('k', async () => new Date(1))
    .finally(() => vi.unstubAllGlobals())
  expect(value).toEqual(new Date(1))
})
