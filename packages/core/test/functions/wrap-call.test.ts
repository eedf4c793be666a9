import { describe, expect, expectTypeOf, it } from 'vitest'
import { Stampede } from '../../src/index.ts'
import { TTL } from '../support/set-up.ts'

const cache = (): Stampede => new Stampede({ ttl: TTL })

describe('wrap', () => {
  it('makes a function of the same type whose results are shared and stored', async () => {
    let runs = 0
    const double = cache().wrap(async (n: number) => {
      runs += 1
      return n * 2
    })
    expectTypeOf(double(2)).toEqualTypeOf<Promise<number>>()
    expect([...(await Promise.all([double(2), double(2)])), await double(2), await double(3)]).toEqual([4, 4, 4, 6])
    expect(runs).toBe(2)
  })

  it('never takes two lists of arguments for one another, nor two functions', async () => {
    const one = cache()
    const lists: readonly unknown[][] = [
      [],
      [undefined],
      [null],
      ['null'],
      [1],
      ['1'],
      [1, 2],
      [12],
      ['a', 'b'],
      ['a', 'b', undefined],
      ['as1:b'],
      [true],
      ['true'],
      [Number.NaN],
    ]
    const echo = one.wrap((...args: readonly unknown[]) => ({ args }))
    const other = one.wrap((...args: readonly unknown[]) => ({ args }))
    const made = await Promise.all(lists.flatMap(list => [echo(...list), other(...list)]))
    expect(new Set(made).size).toBe(2 * lists.length)
    for (const list of lists) expect((await echo(...list)).args).toEqual(list)
  })

  it('takes no object for a key by itself, and says what to do', async () => {
    const sizes = cache().wrap((map: ReadonlyMap<string, number>) => map.size)
    await expect(sizes(new Map())).rejects.toThrow('Pass wrap(fn, { key: (...args) => string })')
  })

  it('takes a key of one’s own', async () => {
    const one = cache()
    const user = one.wrap(async ({ id }: { readonly id: number }) => ({ id }), { key: ({ id }) => `user:${id}` })
    expect(await user({ id: 1 })).toBe(await user({ id: 1 }))
    expect(one.peek('user:1')).toMatchObject({ value: { id: 1 } })
    await expect(one.wrap(() => 1, { key: () => 5 as unknown as string })()).rejects.toThrow('"key" got 5')
  })

  it('deletes and refreshes by arguments', async () => {
    let runs = 0
    const count = cache().wrap((_name: string) => {
      runs += 1
      return runs
    })
    expect([await count('a'), await count('a'), await count.refresh('a'), await count('a')]).toEqual([1, 1, 2, 2])
    expect(await count.delete('a')).toEqual({ fleet: true })
    expect(await count('a')).toBe(3)
  })

  it('keeps `this`, and gives what the function throws', async () => {
    const one = cache()
    const shop = {
      name: 'shop',
      greet: one.wrap(function (this: { readonly name: string }, who: string) {
        return `${this.name} greets ${who}`
      }),
    }
    expect(await shop.greet('you')).toBe('shop greets you')
    const broken = one.wrap(() => {
      throw new Error('broken')
    })
    await expect(broken()).rejects.toThrow('broken')
  })

  it('refuses bad input by name, when it is made', () => {
    expect(() => cache().wrap(5 as unknown as () => number)).toThrow('"fn" got 5')
    expect(() => cache().wrap(() => 1, { key: 5 as unknown as () => string })).toThrow('"key" got 5')
    expect(() => cache().wrap(() => 1, { ttl: -1 })).toThrow('"ttl" got -1')
  })
})
