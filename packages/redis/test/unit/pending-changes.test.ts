import { Gate } from '@stampede/conformance'
import { describe, expect, it, vi } from 'vitest'
import { PendingChanges, type Touched } from '../../src/changes/pending-changes.ts'
import { settled } from './manual-timing.ts'

const NONE: Touched = { space: 'f', names: [], tags: [], isSet: false }
const set = (name: string, ...tags: string[]): Touched => ({ ...NONE, names: [name], tags, isSet: true })
const drop = (...names: string[]): Touched => ({ ...NONE, names })
const dropTags = (...tags: string[]): Touched => ({ ...NONE, tags })

/** Changes that the test ends. */
class Changing {
  readonly pending: PendingChanges
  readonly begun: number[] = []
  readonly results: Promise<boolean>[] = []
  readonly #gates: Gate[] = []

  constructor(...args: readonly Touched[]) {
    this.pending = new PendingChanges()
    for (const touched of args) this.add(touched)
  }

  add(touched: Touched): void {
    const index = this.#gates.length
    const gate = new Gate()
    this.#gates.push(gate)
    this.results.push(
      this.pending.pend(touched, async () => {
        this.begun.push(index)
        await gate.passed()
        return true
      }),
    )
  }

  async end(index: number): Promise<readonly number[]> {
    this.#gates[index]?.open()
    await settled()
    return this.begun
  }
}

describe('changes that must not change places', () => {
  it.each([
    ['two that store under one name', set('k'), set('k')],
    ['a drop of what is stored', set('k'), drop('other', 'k')],
    ['what is stored after a drop', drop('k'), set('k')],
    ['a drop of a tag that what is stored bears', set('k', 't'), dropTags('u', 't')],
    ['what is stored, and bears a tag that is dropped', dropTags('t'), set('k', 't')],
    ['a drop of everything after what is stored', set('k', 't'), NONE],
    ['what is stored after everything is dropped', NONE, set('k')],
  ])('come one after the other: %s', async (_name, first, second) => {
    const changing = new Changing(first, second)
    await settled()
    expect(changing.begun).toEqual([0])
    expect(await changing.end(0)).toEqual([0, 1])
    await changing.end(1)
    expect(await Promise.all(changing.results)).toEqual([true, true])
  })

  it.each<readonly [string, readonly Touched[]]>([
    ['of other keys', [set('a'), set('b')]],
    ['of other tags', [set('a', 't'), dropTags('u'), set('b', 'v')]],
    ['which drop one key, or one tag', [drop('k'), drop('k'), dropTags('t'), dropTags('t')]],
    ['which drop keys, tags and everything', [drop('k'), dropTags('t'), NONE, drop('k'), NONE]],
    ['of another space', [set('k', 't'), { ...drop('k'), space: 'h' }, { ...NONE, space: 'h' }]],
    ['which store with one tag', [set('a', 't'), set('b', 't')]],
  ])('do not hold up others %s', (_name, touched) => {
    expect(new Changing(...touched).begun).toEqual([...touched.keys()])
  })

  it('stay in line, however many there are', async () => {
    const changing = new Changing(set('k', 't'), dropTags('t'), set('k', 't'), drop('k'), set('k'))
    expect(changing.begun).toEqual([0])
    expect(await changing.end(0)).toEqual([0, 1])
    expect(await changing.end(1)).toEqual([0, 1, 2])
    expect(await changing.end(2)).toEqual([0, 1, 2, 3])
    expect(await changing.end(3)).toEqual([0, 1, 2, 3, 4])
  })

  it('go on where one before fails', async () => {
    const pending = new PendingChanges()
    const failed = pending.pend(set('k'), () => Promise.reject(new Error('no')))
    const after = pending.pend(drop('k'), () => Promise.resolve(true))
    await expect(failed).rejects.toThrow('no')
    expect(await after).toBe(true)
    expect(pending.has('f', 'k', [])).toBe(false)
  })
})

describe('a key that is being changed', () => {
  it('is known by name, by tag, and where all is, until the last change of it ends', async () => {
    const changing = new Changing(drop('k'), drop('k'), dropTags('t'), set('s', 'u'))
    const { pending } = changing
    expect([pending.has('f', 'k', []), pending.has('h', 'k', []), pending.has('f', 'other', ['t'])]).toEqual([
      true,
      false,
      true,
    ])
    // Storing something with a tag does not change others with that tag.
    expect([pending.has('f', 's', []), pending.has('f', 'other', ['u']), pending.has('f', 't', [])]).toEqual([
      true,
      false,
      false,
    ])
    await changing.end(0)
    expect(pending.has('f', 'k', [])).toBe(true)
    for (const index of [1, 2, 3]) await changing.end(index)
    expect([pending.has('f', 'k', []), pending.has('f', 'other', ['t']), pending.has('f', 's', [])]).toEqual([
      false,
      false,
      false,
    ])
    changing.add(NONE)
    expect(pending.has('f', 'anything', [])).toBe(true)
  })

  it('is awaited for changes in progress, and no later ones', async () => {
    const changing = new Changing(drop('k'), dropTags('t'), drop('other'))
    let isSettled = false
    void changing.pending.endFor('f', 'k')?.then(() => {
      isSettled = true
    })
    expect(changing.pending.endFor('f', 'unchanged other than by tag')).toBeDefined()
    expect(changing.pending.endFor('h', 'k')).toBeUndefined()
    changing.add(dropTags('t'))
    changing.add(drop('k'))
    await changing.end(0)
    expect(isSettled).toBe(false)
    await changing.end(1)
    expect(isSettled).toBe(true)
  })
})

it('changes over the limit wait for their turn, are tracked meanwhile, and keep their order', async () => {
  const pending = new PendingChanges(10, 2)
  const begun: number[] = []
  const gates = [0, 1, 2, 3, 4].map(() => new Gate())
  const ended = gates.map((gate, index) =>
    pending.pend(drop(`key ${index}`), async () => {
      begun.push(index)
      await gate.passed()
      if (index === 1) throw new Error('no')
      return true
    }),
  )
  expect([begun, pending.has('f', 'key 4', [])]).toEqual([[0, 1], true])
  gates[1]?.open()
  await expect(ended[1]).rejects.toThrow('no')
  expect(begun).toEqual([0, 1, 2])
  gates[0]?.open()
  await settled()
  expect(begun).toEqual([0, 1, 2, 3])
  for (const gate of gates) gate.open()
  expect(await Promise.all([ended[0], ended[2], ended[3], ended[4]])).toEqual([true, true, true, true])
  const next = pending.pend(drop('next'), () => Promise.resolve(true))
  expect([begun, await next, pending.has('f', 'key 4', [])]).toEqual([[0, 1, 2, 3, 4], true, false])
})

it('many changes at once are not looked through for each', async () => {
  const count = 30_000
  const pending = new PendingChanges(count, count)
  let looks = 0
  const counted = (names: string[]): string[] =>
    new Proxy(names, { get: (list, at) => ((looks += 1), Reflect.get(list, at) as unknown) })
  const gate = new Gate()
  const work = (): Promise<boolean> => gate.passed().then(() => true)
  const changes = Array.from({ length: count }, (_, index) =>
    pending.pend({ ...set(`key ${index}`), names: counted([`key ${index}`]) }, work),
  )
  expect([pending.has('f', 'key 7', []), await pending.pend(drop('one more'), work)]).toEqual([true, false])
  gate.open()
  expect(new Set(await Promise.all(changes))).toEqual(new Set([true]))
  expect(looks).toBeLessThan(100 * count)
})

it('changes without a gap between them leave nothing behind', async () => {
  const all = vi.spyOn(Promise, 'all')
  const pending = new PendingChanges()
  const gates = Array.from({ length: 100 }, () => new Gate())
  const changes = gates.map(async (gate, index) => {
    gates[index - 1]?.open()
    return pending.pend(dropTags('t'), () => gate.passed().then(() => true))
  })
  const ends = all.mock.calls.flatMap(([list]) => [...(list as readonly Promise<unknown>[])])
  all.mockRestore()
  expect(ends.length).toBeGreaterThan(100)
  gates.at(-1)?.open()
  // What one end yields another one would keep, and that one the next.
  expect(new Set(await Promise.all(ends))).toEqual(new Set([undefined]))
  await Promise.all(changes)
  expect(pending.has('f', 'k', ['t'])).toBe(false)
})
