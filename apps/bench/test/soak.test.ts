import { describe, expect, it } from 'vitest'
import { random } from '../src/random.ts'
import { soakCommand } from '../src/soak/command.ts'
import { picker } from '../src/soak/pick.ts'
import { soak } from '../src/soak/run.ts'
import { type Evidence, problemsOf } from '../src/soak/verdict.ts'
import { collecting } from './fakes.ts'

function evidence(heaps: readonly number[], other: Partial<Evidence> = {}): Evidence {
  const samples = heaps.map((heap, index) => ({ operations: index, heap, entries: 1_000, flights: 0 }))
  return { samples, flights: 0, unhandled: [], listeners: 0, surprises: [], ...other }
}

describe('the verdict', () => {
  it('is content up to a tenth more than at first, whatever came between', () => {
    expect(problemsOf(evidence([100, 300, 110]))).toEqual([])
    expect(problemsOf(evidence([100, 90, 110.2]))).toEqual(['The heap came to 1.102 of the first sample, over 1.1.'])
  })

  it('is not content with figures that are not there', () => {
    expect(problemsOf(evidence([]))).toHaveLength(1)
    expect(problemsOf(evidence([Number.NaN, 1]))).toHaveLength(1)
  })

  it('names each thing that was left behind', () => {
    const left = { flights: 2, unhandled: ['Error: lost'], listeners: 3, surprises: ['"a" got the value of "b"'] }
    expect(problemsOf(evidence([100, 100], left))).toEqual([
      '2 flights were left, though every fetch had ended.',
      '3 abort listeners were left on the signal that the calls shared.',
      'Nobody handled the rejection Error: lost.',
      'A caller was surprised: "a" got the value of "b".',
    ])
  })
})

describe('the soak', () => {
  it('leaves nothing behind but the heap, which is not looked at here', async () => {
    const left = await soak({ operations: 5_000, seed: 3, heap: () => 1 })
    expect(problemsOf(left)).toEqual([])
    expect(left.samples.map(({ operations }) => operations)).toEqual([1_000, 2_000, 3_000, 4_000, 5_000])
  })

  it('picks each operation as often as its weight says', () => {
    const pick = picker(
      [
        [3, 'often'],
        [1, 'seldom'],
      ],
      random(2),
    )
    const picked = Array.from({ length: 4_000 }, pick)
    expect(picked.filter(each => each === 'often').length / picked.length).toBeCloseTo(0.75, 1)
    expect(() => picker([], random(1))()).toThrow('nothing to pick from')
  })
})

describe('the command', () => {
  it('shows the samples and fails where the heap has grown', async () => {
    const steady = collecting()
    expect(await soakCommand(['--operations', '500'], { ...steady, heap: () => 2e6 })).toBe(0)
    expect(steady.printed()).toContain('500     2.00    1.000')
    expect(steady.printed()).toContain('Nothing was left behind')
    let heap = 1
    const growing = collecting()
    expect(await soakCommand(['--operations', '500'], { ...growing, heap: () => (heap *= 2) })).toBe(1)
    expect(growing.errors).toEqual(['The heap came to 16.000 of the first sample, over 1.1.'])
  })

  it('stops where it cannot measure, or at wrong arguments', async () => {
    const out = collecting()
    expect(await soakCommand([], { ...out, heap: undefined })).toBe(2)
    expect(await soakCommand(['--seed=-1'], { ...out, heap: () => 1 })).toBe(2)
    expect(await soakCommand(['--speed', '1'], { ...out, heap: () => 1 })).toBe(2)
    expect(out.errors).toEqual([
      expect.stringContaining('--expose-gc') as string,
      '--seed wants a whole number, 0 or more, as in --seed 1.',
      expect.stringContaining('is no option') as string,
    ])
  })
})
