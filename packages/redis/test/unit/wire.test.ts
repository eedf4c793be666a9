import { expect, it } from 'vitest'
import { entryFromWire, entryToWire, positionOf } from '../../src/protocol/change.ts'
import { FleetClock } from '../../src/base/fleet-clock.ts'
import { errorFromWire, errorToWire } from '../../src/protocol/wire-error.ts'
import { ManualTiming } from './manual-timing.ts'

const received = (error: unknown): unknown => errorFromWire(Buffer.from(errorToWire(error)))

it('publishes name, message, code and status of an error', () => {
  const error = Object.assign(new RangeError('too far'), {
    code: 'E_FAR',
    status: 404,
    statusCode: 405,
    expose: true,
    secret: 'no',
  })
  const other = received(error) as Error
  expect(other).toBeInstanceOf(Error)
  expect({ ...Object.fromEntries(Object.entries(other)), name: other.name, message: other.message }).toEqual({
    name: 'RangeError',
    message: 'too far',
    code: 'E_FAR',
    status: 404,
    statusCode: 405,
    expose: true,
  })
})

it.each([null, undefined, 0, 'text', { a: [1] }, Number.NaN])(
  'publishes a thrown value that is no error: %j',
  value => {
    expect(received(value)).toEqual(value === undefined || Number.isNaN(value) ? null : value)
  },
)

it('never publishes more than fits, and always something', () => {
  const loop: Record<string, unknown> = {}
  loop['loop'] = loop
  const hostile = Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('no')
    },
  })
  for (const thrown of [new Error('m'.repeat(100_000)), 'x'.repeat(100_000), loop, 1n, hostile, Symbol('s')]) {
    expect(errorToWire(thrown).length).toBeLessThan(8_200)
    expect(received(thrown)).toBeDefined()
  }
})

it.each(['', '{', '1', 'null', '[]', '{"m":1,"n":2,"c":{},"s":"x"}'])(
  'makes an error of whatever arrives: %j',
  text => {
    expect(errorFromWire(Buffer.from(text))).toBeInstanceOf(Error)
  },
)

it('reads the entries that it writes', () => {
  for (const change of [
    undefined,
    { space: 'f' },
    { space: 'h', keys: ['a', '\ud800'] },
    { space: 'f', tags: [''] },
  ] as const) {
    expect(entryFromWire(entryToWire('me', 3, change))).toEqual({ instance: 'me', count: 3, change })
  }
})

it.each([
  '',
  'null',
  '1',
  '{}',
  '{"i":"a","n":1,"s":"x"}',
  '{"i":"a","n":1,"s":"f","k":[1]}',
  '{"i":"a","n":1,"s":"f","t":"t"}',
])('reads no other: %j', text => {
  expect(entryFromWire(text)).toBeUndefined()
})

it('puts positions in the order of the log', () => {
  expect(positionOf('1700000000000-0') < positionOf('1700000000000-1')).toBe(true)
  expect(positionOf('1700000000000-65535') < positionOf('1700000000001-0')).toBe(true)
  expect(['', 'x', '1x-2', '-'].map(positionOf)).toEqual([0n, 0n, 0n, 0n])
})

it('has the time of the log’s node, from replies that took no longer than they should', () => {
  const timing = new ManualTiming()
  const clock = new FleetClock(timing)
  clock.read(50_000, timing.now())
  expect(clock.now()).toBe(50_000)
  const sentAt = timing.now()
  timing.advance(500)
  clock.read(40_000, sentAt)
  expect(clock.now()).toBe(50_500)
  const sentAgainAt = timing.now()
  timing.advance(10)
  clock.read(40_005, sentAgainAt)
  expect(clock.now()).toBe(40_010)
})
