import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OptionError } from '../../src/index.ts'
import { keyOfArguments } from '../../src/functions/wrap.ts'
import { setUp, TTL } from '../support/set-up.ts'

describe('the key of arguments', () => {
  it.each([
    [[], 'f:'],
    [['a'], 'f:s1:a'],
    [['', 'bc'], 'f:s0:s2:bc'],
    [[1, true, null, undefined, 2n], 'f:number:1;boolean:true;object:null;undefined:undefined;bigint:2;'],
  ])('of %s is %s', (args, key) => {
    expect(keyOfArguments('f:', args)).toBe(key)
  })

  it('is the same for the same lists, and never for others', () => {
    const text = fc.string({ unit: fc.constantFrom('s', '1', ':', ';', 'n') })
    const one = fc.oneof(
      text,
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.bigInt(),
      fc.constantFrom(null, undefined),
    )
    const isSame = (a: unknown, b: unknown): boolean => a === b || Object.is(a, b)
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), fc.array(one, { maxLength: 4 }), (some, others) => {
        const areSame = some.length === others.length && some.every((arg, place) => isSame(arg, others[place]))
        expect(keyOfArguments('', some) === keyOfArguments('', others)).toBe(areSame)
        expect(keyOfArguments('', [...some])).toBe(keyOfArguments('', some))
      }),
    )
  })

  it.each([{}, [], () => {}, Symbol('s'), new Date(0)])('cannot be made of %s, and the error says of which', bad => {
    expect(() => keyOfArguments('', ['a', bad])).toThrow('argument 2')
    expect(() => keyOfArguments('', ['a', bad])).toThrow(OptionError)
  })
})

describe('a wrapped function', () => {
  it('runs once for the same arguments, with its own this', async () => {
    const { cache } = setUp({ ttl: TTL })
    const seen: unknown[] = []
    const owner = {
      name: 'owner',
      sum: cache.wrap(function sum(this: unknown, a: number, b: number) {
        seen.push(this)
        return a + b
      }),
    }
    expect([await owner.sum(1, 2), await owner.sum(1, 2), await owner.sum(2, 1)]).toEqual([3, 3, 3])
    expect(seen).toEqual([owner, owner])
  })

  it('shares nothing with another of the same name', async () => {
    const { cache } = setUp({ ttl: TTL })
    const [one, other] = ['one', 'other'].map(value => cache.wrap({ same: () => value }.same))
    expect([await one?.(), await other?.()]).toEqual(['one', 'other'])
  })

  it('shares nothing with another, whatever their names', async () => {
    const { cache } = setUp({ ttl: TTL })
    const odd = { 'f#2:s3:': () => 'odd' }
    const f = (_of: string): string => 'f'
    const [first, second] = [cache.wrap(odd['f#2:s3:']), cache.wrap(f)]
    expect([await first(), await second('#1:')]).toEqual(['odd', 'f'])
  })

  it('goes by the key that it is given, for delete and refresh too', async () => {
    const { cache } = setUp({ ttl: TTL })
    let runs = 0
    const load = cache.wrap(async ({ id }: { readonly id: string }) => `${id} ${(runs += 1)}`, {
      key: ({ id }) => `user:${id}`,
    })
    expect([await load({ id: 'a' }), await load({ id: 'a' }), await load({ id: 'b' })]).toEqual(['a 1', 'a 1', 'b 2'])
    expect(cache.peek('user:a')).toMatchObject({ value: 'a 1' })
    expect([await load.refresh({ id: 'a' }), await load({ id: 'a' })]).toEqual(['a 3', 'a 3'])
    expect(await load.delete({ id: 'a' })).toEqual({ fleet: true })
    expect([await load({ id: 'a' }), await load({ id: 'b' })]).toEqual(['a 4', 'b 2'])
  })

  it('takes the options of a call', async () => {
    const { cache, clock } = setUp()
    const load = cache.wrap((id: string) => id, { key: id => id, ttl: 10, tags: ['t'] })
    await load('a')
    clock.advance(9)
    expect(cache.peek('a')).toMatchObject({ ttl: 1 })
    await cache.invalidateTags('t')
    expect(cache.peek('a')).toBeUndefined()
  })

  it('rejects without a key, and refuses wrong options at once', async () => {
    const { cache } = setUp()
    const load = cache.wrap((of: object) => of)
    await expect(load({})).rejects.toThrow('argument 1')
    await expect(load.refresh({})).rejects.toThrow('argument 1')
    const broken = cache.wrap((of: object) => of, {
      key: () => {
        throw new Error('no key')
      },
    })
    await expect(broken({})).rejects.toThrow('no key')
    expect(() => cache.wrap((id: string) => id, { ttl: -1 })).toThrow('"ttl"')
  })
})
