import { expect, it } from 'vitest'
import { Commands } from '../../src/protocol/commands.ts'
import { DeadlineClock } from '../../src/base/deadline-clock.ts'
import { Reads } from '../../src/protocol/reads.ts'
import { FakeDriver } from './fake-driver.ts'
import { ManualTiming } from './manual-timing.ts'

class OneNode extends FakeDriver {
  readonly isOneNode = true
}

function setUp(driver: FakeDriver): {
  readonly reads: Reads
  readonly read: (...places: string[]) => Promise<unknown[]>
} {
  const timing = new ManualTiming()
  const health = { succeeded: (): void => {}, failed: (): void => {} }
  const reads = new Reads({ timing, commands: new Commands(driver, new DeadlineClock(timing, 100), health) })
  driver.replies.set('GET', ([, place]) => Buffer.from(String(place)))
  driver.replies.set('MGET', ([, ...places]) =>
    places.map(place => (place === 'none' ? null : Buffer.from(String(place)))),
  )
  const read = async (...places: string[]): Promise<unknown[]> => {
    const answers = places.map(place => reads.read(place))
    timing.advance(1)
    return (await Promise.all(answers)).map(bytes => bytes && Buffer.from(bytes).toString())
  }
  return { reads, read }
}

it('those of one turn are one command, each with its own answer', async () => {
  const driver = new OneNode()
  const { read } = setUp(driver)
  expect(await read('a', 'none', 'b')).toEqual(['a', undefined, 'b'])
  expect(driver.sent).toEqual([['MGET', 'a', 'none', 'b']])
  expect(await read('a')).toEqual(['a'])
  expect(driver.calls).toEqual(['MGET', 'GET'])
})

it('no command asks for too many', async () => {
  const driver = new OneNode()
  const places = Array.from({ length: 65 }, (_, index) => `place ${index}`)
  expect(await setUp(driver).read(...places)).toEqual(places)
  expect(driver.sent.map(({ length }) => length - 1)).toEqual([32, 32, 1])
})

it('on several nodes each is a command', async () => {
  const driver = new FakeDriver()
  expect(await setUp(driver).read('a', 'b')).toEqual(['a', 'b'])
  expect(driver.calls).toEqual(['GET', 'GET'])
})

it('also where that turns out late', async () => {
  const driver = new OneNode()
  const { read } = setUp(driver)
  driver.replies.set('MGET', () => Promise.reject(new Error("CROSSSLOT Keys in request don't hash to the same slot")))
  expect(await read('a', 'b')).toEqual([undefined, undefined])
  expect(await read('a', 'b')).toEqual(['a', 'b'])
  expect(driver.calls).toEqual(['MGET', 'GET', 'GET'])
})

it('are misses where the store does not say', async () => {
  const driver = new OneNode()
  const { read } = setUp(driver)
  driver.replies.set('MGET', () => 'nothing of the kind')
  expect(await read('a', 'b')).toEqual([undefined, undefined])
  driver.isReady = false
  expect(await read('a', 'b')).toEqual([undefined, undefined])
})
