import { describe, expect, it } from 'vitest'
import { pairedRatios, quantile, summary } from '../src/statistics.ts'

describe('statistics', () => {
  it('sum a list up, whatever its order', () => {
    expect(summary([5, 1, 4, 2, 3])).toEqual({ median: 3, q1: 2, q3: 4, min: 1, max: 5 })
  })

  it('interpolate between neighbours', () => {
    expect(summary([10, 20])).toEqual({ median: 15, q1: 12.5, q3: 17.5, min: 10, max: 20 })
    expect(summary([7])).toEqual({ median: 7, q1: 7, q3: 7, min: 7, max: 7 })
  })

  it('sort by size, not as text, and leave the list as it is', () => {
    const numbers = [100, 9, 20]
    expect(quantile(numbers, 0)).toBe(9)
    expect(numbers).toEqual([100, 9, 20])
  })

  it('have nothing to say of nothing', () => {
    expect(quantile([], 0.5)).toBeNaN()
  })

  it('pair each round with the floor of the same round', () => {
    expect(pairedRatios([20, 300, 40], [10, 100, 10])).toEqual([2, 3, 4])
    expect(() => pairedRatios([1, 2], [1])).toThrow(RangeError)
  })

  it('give another ratio than that of the medians where the machine slows down', () => {
    const ratios = pairedRatios([30, 20, 300], [10, 20, 150])
    expect(summary(ratios).median).toBe(2)
    expect(summary([30, 20, 300]).median / summary([10, 20, 150]).median).toBe(1.5)
  })
})
