import { describe, expect, expectTypeOf, it } from 'vitest'
import { OptionError, Stampede } from '../../src/index.ts'
import { setUpFleet } from '../support/fleets.ts'
import { setUp, TTL } from '../support/set-up.ts'

/** Something whose methods read their instance. */
class Account {
  readonly owner: string
  runs = 0

  constructor(owner: string) {
    this.owner = owner
  }

  async balance(currency = 'EUR'): Promise<string> {
    this.runs += 1
    return `${this.owner}: ${this.runs} ${currency}`
  }
}

/** A class of its own whose method is wrapped on the prototype. */
function wrappedClass(cache: Stampede) {
  class Wrapped extends Account {}
  const { balance: own } = Account.prototype as { balance: Account['balance'] }
  const balance = cache.wrap(own)
  Wrapped.prototype.balance = balance
  return { Wrapped, balance }
}

describe('a wrapped method', () => {
  it('shares nothing over instances, at once or later, and one run among callers of one', async () => {
    const { cache } = setUp({ ttl: TTL })
    const { Wrapped } = wrappedClass(cache)
    const [ann, ben] = [new Wrapped('ann'), new Wrapped('ben')]
    const calls = [ann.balance(), ben.balance(), ann.balance(), ben.balance('USD'), ann.balance('EUR')]
    expect(await Promise.all(calls)).toEqual(['ann: 1 EUR', 'ben: 1 EUR', 'ann: 1 EUR', 'ben: 2 USD', 'ann: 2 EUR'])
    expect([await ann.balance(), await ben.balance()]).toEqual(['ann: 1 EUR', 'ben: 1 EUR'])
  })

  it('shares nothing over what inherits, delegates or borrows it', async () => {
    const { cache } = setUp({ ttl: TTL })
    const { Wrapped, balance } = wrappedClass(cache)
    class Savings extends Wrapped {
      override async balance(currency?: string): Promise<string> {
        return `savings of ${await super.balance(currency)}`
      }
    }
    const ann = new Wrapped('ann')
    const others: { balance(): Promise<string> }[] = [
      new Savings('ben'),
      Object.freeze(Object.assign(Object.create(ann), { owner: 'cem', runs: 0 }) as Account),
      new Proxy(new Wrapped('dan'), {}),
      { balance: () => Reflect.apply(balance, { owner: 'eve', runs: 0 }, []) },
    ].map(other => ({ balance: () => other.balance().catch((error: unknown) => String(error)) }))
    const names = await Promise.all([ann, ...others].map(async one => (await one.balance()).slice(0, 14)))
    expect(new Set(names).size).toBe(5)
  })

  it('shares nothing over objects that have it as their own, such as a mixin', async () => {
    const { cache } = setUp({ ttl: TTL })
    const load = cache.wrap(async function load(this: { readonly tenant: string }, id: number) {
      return `${this.tenant} ${id}`
    })
    const [a, b] = [
      { tenant: 'a', load },
      { tenant: 'b', load },
    ]
    expect([await a.load(1), await b.load(1), await a.load(1)]).toEqual(['a 1', 'b 1', 'a 1'])
  })

  it('counts by the class where it is static, by a symbol too, and by the value of a primitive', async () => {
    const { cache } = setUp({ ttl: TTL })
    const name = Symbol('name')
    class Base extends Account {
      static readonly [name] = cache.wrap(async function nameOf(this: { readonly name: string }) {
        return this.name
      })
    }
    class Derived extends Base {}
    expect([await Base[name](), await Derived[name](), await Base[name]()]).toEqual(['Base', 'Derived', 'Base'])
    const show = cache.wrap(async function show(this: unknown) {
      return `${typeof this} ${String(this)}`
    })
    const selves = [1, '1', 1n, true, undefined, Object(1)]
    const shown = await Promise.all(selves.map(self => Reflect.apply(show, self, [])))
    expect(shown).toEqual(['number 1', 'string 1', 'bigint 1', 'boolean true', 'undefined undefined', 'object 1'])
    await expect(Reflect.apply(show, Symbol('s'), [])).rejects.toThrow(OptionError)
  })

  it('is dropped for all instances, or for one; refreshed for one', async () => {
    const { cache } = setUp({ ttl: TTL })
    const { Wrapped, balance } = wrappedClass(cache)
    const [ann, ben] = [new Wrapped('ann'), new Wrapped('ben')]
    const both = (): Promise<string[]> => Promise.all([ann.balance(), ben.balance()])
    await both()
    await balance.of(ann).delete()
    expect(await both()).toEqual(['ann: 2 EUR', 'ben: 1 EUR'])
    expect(await balance.of(ben).refresh()).toBe('ben: 2 EUR')
    expect([await both(), await balance.of(ben)()]).toEqual([['ann: 2 EUR', 'ben: 2 EUR'], 'ben: 2 EUR'])
    await balance.delete()
    expect(await both()).toEqual(['ann: 3 EUR', 'ben: 3 EUR'])
    await ann.balance('USD')
    await balance.delete('USD')
    expect(await both()).toEqual(['ann: 3 EUR', 'ben: 3 EUR'])
  })

  it('fences fetches in progress of an instance', async () => {
    const { cache, fetch, gate } = setUp({ ttl: TTL })
    const find = cache.wrap(fetch as () => Promise<string>)
    const repo = new Account('ann')
    const call = find.of(repo)()
    await find.delete()
    gate.open()
    expect([await call, await find.of(repo)()]).toEqual(['run 1', 'run 2'])
  })

  it('of a plain holder goes by the arguments alone, as the function by itself does', async () => {
    const { cache } = setUp({ ttl: TTL })
    let runs = 0
    const repo = { find: cache.wrap(async (id: number) => `${id}: ${(runs += 1)}`) }
    const { find } = repo
    expect([await repo.find(1), await find(1), await find.of(repo)(1)]).toEqual(['1: 1', '1: 1', '1: 1'])
    expect([await repo.find.refresh(1), await repo.find(1)]).toEqual(['1: 2', '1: 2'])
    await repo.find.delete(1)
    expect([await repo.find(1), await find(1)]).toEqual(['1: 3', '1: 3'])
    const other = { find }
    expect([await other.find(1), await repo.find.refresh(1), await other.find(1)]).toEqual(['1: 4', '1: 5', '1: 6'])
  })

  it('calls its key with the same this, which then says all', async () => {
    const { gate, join } = setUpFleet()
    gate.open()
    const cache = join()
    class Repo {
      readonly tenant: string
      constructor(tenant: string) {
        this.tenant = tenant
      }
      declare find: (id: number) => Promise<string>
    }
    const find = cache.wrap(
      async function find(this: Repo, id: number) {
        return `${this.tenant} ${id}`
      },
      {
        key: function key(this: Repo, id: number) {
          return `${this.tenant}:${id}`
        },
      },
    )
    Repo.prototype.find = find
    const [a, b, a2] = [new Repo('a'), new Repo('b'), new Repo('a')]
    expect([await a.find(1), await b.find(1), await a2.find(1)]).toEqual(['a 1', 'b 1', 'a 1'])
    expect(cache.stats()).toMatchObject({ fetches: 2, hits: 1 })
    await find.of(a2).delete(1)
    expect([cache.peek('a:1'), cache.peek('b:1')]).toMatchObject([undefined, { value: 'b 1' }])
    expect(() => cache.wrap(async () => 1)).toThrow('"key"')
  })
})

describe('the type of a wrapped function', () => {
  const cache = new Stampede()

  it('has its name, length and parameters, those with a default included', () => {
    const find = cache.wrap(async function find(id: number, _limit = 10, ..._rest: string[]) {
      return id
    })
    expect([find.name, find.length]).toEqual(['find', 1])
    expectTypeOf(find).parameters.toEqualTypeOf<[id: number, _limit?: number | undefined, ...rest: string[]]>()
    expectTypeOf<Parameters<(typeof find)['refresh']>>().toEqualTypeOf<
      [id: number, _limit?: number | undefined, ...rest: string[]]
    >()
    expectTypeOf(find.of({})(1)).toEqualTypeOf<Promise<number>>()
  })

  it('is generic where the function is, and has its this', async () => {
    const same = cache.wrap(async <T extends string>(value: T): Promise<T> => value)
    expectTypeOf(same('a' as const)).toEqualTypeOf<Promise<'a'>>()
    const bound = cache.wrap(async function bound(this: Account, _id: number) {
      return this.owner
    })
    expectTypeOf(bound).thisParameter.toEqualTypeOf<Account>()
    expectTypeOf(bound.of(new Account('ann'))(1)).toEqualTypeOf<Promise<string>>()
    expect(await same('a')).toBe('a')
  })

  it('is that of a promise where the function is not asynchronous', async () => {
    const add = cache.wrap((a: number, b = 1) => a + b)
    expectTypeOf(add(1)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(add).parameters.toEqualTypeOf<[a: number, b?: number | undefined]>()
    expect(await add(1)).toBe(2)
  })
})
