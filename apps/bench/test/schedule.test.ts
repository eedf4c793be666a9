import { describe, expect, it } from 'vitest'
import { schedule } from '../src/schedule.ts'

const items = ['a', 'b', 'c', 'd', 'e', 'f']

describe('the schedule', () => {
  it('has each contender once in each round', () => {
    const rounds = schedule(items, 21, 1)
    expect(rounds).toHaveLength(21)
    for (const round of rounds) expect(round.toSorted()).toEqual(items)
  })

  it('alternates: over some rounds each has been first', () => {
    expect(new Set(schedule(items, 40, 1).map(([first]) => first))).toEqual(new Set(items))
  })

  it('has each before another as often as after it', () => {
    const rounds = schedule(items, 20, 1)
    expect(rounds.filter(round => round.indexOf('a') < round.indexOf('b'))).toHaveLength(10)
  })

  it('is the same for the same seed only', () => {
    expect(schedule(items, 9, 7)).toEqual(schedule(items, 9, 7))
    expect(schedule(items, 9, 7)).not.toEqual(schedule(items, 9, 8))
  })
})
