import { describe, expect, it } from 'vitest'
import { Gate, Tally } from '../src/index.ts'

describe('a gate', () => {
  it('holds back whoever passes until it is opened, and nobody after that', async () => {
    const gate = new Gate()
    let passed = 0
    const count = (): void => void (passed += 1)
    const early = gate.passed().then(count)
    await Promise.resolve()
    expect(passed).toBe(0)
    gate.open()
    await early
    await gate.passed().then(count)
    expect(passed).toBe(2)
  })
})

describe('a tally', () => {
  it('counts by name and tells when a count is reached', async () => {
    const tally = new Tally()
    const seen: string[] = []
    const two = tally.until('hit', 2).then(() => seen.push('two hits'))
    tally.add('hit')
    tally.add('miss')
    await tally.until('hit', 1)
    expect([tally.count('hit'), tally.count('miss'), tally.count('none'), seen]).toEqual([1, 1, 0, []])
    tally.add('hit')
    await two
    expect(seen).toEqual(['two hits'])
  })
})
