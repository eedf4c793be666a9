import { expect, it } from 'vitest'
import { Commands } from '../../src/protocol/commands.ts'
import { DeadlineClock } from '../../src/base/deadline-clock.ts'
import { Reads } from '../../src/protocol/reads.ts'
import { FakePort } from './fake-driver.ts'
import { ManualTiming } from './manual-timing.ts'

class OneNode extends FakePort {
  readonly isOneNode = true
}

function setUp(port: FakePort): { readonly reads: Reads; readonly read: (...places: string[]) => Promise<unknown[]> } {
  const timing = new ManualTiming()
  const health = { succeeded: (): void => {}, failed: (): void => {} }
  const reads = new Reads({ timing, commands: new Commands(port, new DeadlineClock(timing, 100), health) })
  port.replies.set('GET', ([, place]) => Buffer.from(String(place)))
  port.replies.set('MGET', ([, ...places]) =>
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
  const port = new OneNode()
  const { read } = setUp(port)
  expect(await read('a', 'none', 'b')).toEqual(['a', undefined, 'b'])
  expect(port.sent).toEqual([['MGET', 'a', 'none', 'b']])
  expect(await read('a')).toEqual(['a'])
  expect(port.calls).toEqual(['MGET', 'GET'])
})

it('no command asks for too many', async () => {
  const port = new OneNode()
  const places = Array.from({ length: 65 }, (_, index) => `place ${index}`)
  expect(await setUp(port).read(...places)).toEqual(places)
  expect(port.sent.map(({ length }) => length - 1)).toEqual([32, 32, 1])
})

it('on several nodes each is a command', async () => {
  const port = new FakePort()
  expect(await setUp(port).read('a', 'b')).toEqual(['a', 'b'])
  expect(port.calls).toEqual(['GET', 'GET'])
})

it('also where that turns out late', async () => {
  const port = new OneNode()
  const { read } = setUp(port)
  port.replies.set('MGET', () => Promise.reject(new Error("CROSSSLOT Keys in request don't hash to the same slot")))
  expect(await read('a', 'b')).toEqual([undefined, undefined])
  expect(await read('a', 'b')).toEqual(['a', 'b'])
  expect(port.calls).toEqual(['MGET', 'GET', 'GET'])
})

it('are misses where the store does not say', async () => {
  const port = new OneNode()
  const { read } = setUp(port)
  port.replies.set('MGET', () => 'nothing of the kind')
  expect(await read('a', 'b')).toEqual([undefined, undefined])
  port.isReady = false
  expect(await read('a', 'b')).toEqual([undefined, undefined])
})
