import { expect, it } from 'vitest'
import type { SetUp } from '../suite.ts'
import { seen } from './wire.ts'

const TTL = 60_000

export function parameterCases(setUp: SetUp): void {
  it('cannot hide a parameter that counts from the option query', async () => {
    const { port, gate } = await setUp({
      options: { ttl: TTL, query: ['q'] },
      answer: request => ({ body: request.target }),
    })
    gate.open()
    expect(await seen(port, { target: '/s?q=1' })).toBe('200 /s?q=1')
    for (const cloaked of [
      'utm=x;q=2',
      'utm=x%26q=2&%71=2',
      '[q]=2',
      'q[]=2',
      'q.x=2',
      'q%5B%5D=2',
      '%5Bq%5D=2',
      '+q=2',
      '%20q=2',
    ])
      expect(await seen(port, { target: `/s?q=1&${cloaked}` })).toBe(`200 /s?q=1&${cloaked}`)
    // What does not count may be whatever it is.
    expect(await seen(port, { target: '/s?utm=1&q=1' })).toBe('200 /s?q=1')
  })

  it('whose parameters are sorted keep the order of those that one parser makes one of', async () => {
    const { port, gate } = await setUp({
      options: { ttl: TTL, query: 'sorted' },
      answer: request => ({ body: request.target }),
    })
    gate.open()
    for (const [one, other] of [
      ['a=1&a=2', 'a=2&a=1'],
      ['a[]=1&a=2', 'a=2&a[]=1'],
      ['[a]=1&a=2', 'a=2&[a]=1'],
      ['a[x]=1&a[]=2', 'a[]=2&a[x]=1'],
    ]) {
      expect(await seen(port, { target: `/s?${one}` })).toBe(`200 /s?${one}`)
      expect(await seen(port, { target: `/s?${other}` })).toBe(`200 /s?${other}`)
    }
  })
}
