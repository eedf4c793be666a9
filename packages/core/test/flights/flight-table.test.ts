import { describe, expect, it } from 'vitest'
import { FlightTable, type Keyed } from '../../src/flights/flight-table.ts'

const flightOf = (key: string): Keyed => ({ key, overdueAt: Number.POSITIVE_INFINITY, isCurrent: false })

/** A table in which a flight leads for each of these keys, from 0 on, for 100 ms. */
function setUp(keys: readonly string[], max?: number) {
  const table = new FlightTable<Keyed>(max)
  const flights = keys.map(flightOf)
  const led = flights.map(flight => table.lead(flight, 0, 100))
  const current = (): readonly boolean[] => flights.map(({ isCurrent }) => isCurrent)
  return { table, flights, led, current }
}

describe('the flights', () => {
  it('hold one for each key', () => {
    const { table, flights, led, current } = setUp(['a', 'b'])
    expect({ led, current: current(), size: table.size }).toEqual({ led: [true, true], current: [true, true], size: 2 })
    expect([table.peek('a'), table.peek('b'), table.peek('c')]).toEqual([flights[0], flights[1], undefined])
    expect(flights[0]?.overdueAt).toBe(100)
  })

  it.each([
    [99, true],
    [100, false],
  ])('at %i ms of 100 may be joined: %s', (now, isJoined) => {
    const { table, current } = setUp(['a'])
    expect(table.current('a', now) !== undefined).toBe(isJoined)
    expect([current(), table.size]).toEqual([[isJoined], isJoined ? 1 : 0])
    expect(table.current('b', now)).toBeUndefined()
  })

  it('are no more than their bound', () => {
    const { table, led, current } = setUp(['a', 'b', 'c'], 2)
    expect({ led, current: current(), size: table.size }).toEqual({
      led: [true, true, false],
      current: [true, true, false],
      size: 2,
    })
    const refused = flightOf('d')
    table.lead(refused, 0, 100)
    expect(refused).toEqual(flightOf('d'))
  })

  it.each([
    [99, [true, true]],
    [100, [false, true]],
  ])('let the oldest go that is overdue when another comes at %i', (now, expected) => {
    const { table, current } = setUp(['a', 'b'])
    table.lead(flightOf('c'), now, 100)
    expect(current()).toEqual(expected)
  })

  it('are left once, and by themselves alone', () => {
    const { table, flights } = setUp(['a', 'b'])
    table.forget('a')
    expect(flights.map(flight => table.leave(flight))).toEqual([false, true])
    expect(flights.map(flight => table.leave(flight))).toEqual([false, false])
    expect(table.size).toBe(0)
  })

  it('keep their order when the one that began alone has left and another comes', () => {
    const { table, flights } = setUp(['a', 'b', 'c'])
    table.forget('a')
    const last = flightOf('d')
    table.lead(last, 50, 100)
    expect([table.size, table.peek('a'), table.peek('b'), table.peek('d')]).toEqual([3, undefined, flights[1], last])
    table.lead(flightOf('e'), 100, 100)
    expect([flights[1]?.isCurrent, flights[2]?.isCurrent, last.isCurrent]).toEqual([false, true, true])
  })

  it('are forgotten by key, by a test, or all', () => {
    const { table, current } = setUp(['a', 'b', 'c', 'd'])
    table.forget('a')
    table.forget('x')
    expect(current()).toEqual([false, true, true, true])
    table.forgetWhere(({ key }) => key === 'c')
    expect(current()).toEqual([false, true, false, true])
    table.forgetAll()
    expect([current(), table.size]).toEqual([[false, false, false, false], 0])
  })
})
