import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EntryQueue } from '../../src/store/entry-queue.ts'
import { IN_MAIN, REMOVED, StoreEntry, USES } from '../../src/store/store-entry.ts'

class Queued extends StoreEntry {
  readonly bytes = 0
  readonly goneAt = 0
}

function queueOf(bit: 0 | typeof IN_MAIN, count: number): readonly [EntryQueue<Queued>, readonly Queued[]] {
  const queue = new EntryQueue<Queued>(bit)
  const entries = Array.from({ length: count }, (_, id) => new Queued(`${id}`))
  for (const entry of entries) queue.push(entry, 0)
  return [queue, entries]
}

function drained(queue: EntryQueue<Queued>): readonly string[] {
  const keys: string[] = []
  for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) keys.push(entry.key)
  return keys
}

type Change = (
  queue: EntryQueue<Queued>,
  list: readonly Queued[],
  one: { readonly at: Queued | undefined; readonly id: string },
) => readonly Queued[]

/** What is done to a queue, and what that does to a list. */
const changes = {
  push: (queue, list, { id }) => {
    const entry = new Queued(id)
    queue.push(entry, 0)
    return [...list, entry]
  },
  shift: (queue, list) => {
    if (queue.shift() !== list[0]) throw new Error('another entry than the first came out')
    return list.slice(1)
  },
  remove: (queue, list, { at }) => {
    if (at !== undefined) queue.remove(at)
    return list.filter(entry => entry !== at)
  },
  keepOnly: (queue, list, { at }) => {
    queue.keepOnly(entry => entry !== at)
    return list.filter(entry => entry !== at)
  },
} satisfies Record<string, Change>

describe('a queue', () => {
  it.each([
    [[], ['0', '1', '2', '3']],
    [[0], ['1', '2', '3']],
    [[3], ['0', '1', '2']],
    [
      [1, 2],
      ['0', '3'],
    ],
    [[0, 1, 2, 3], []],
  ])('of four, rid of %j, gives the others in order', (removed, expected) => {
    const [queue, entries] = queueOf(0, 4)
    for (const place of removed) for (const entry of entries.slice(place, place + 1)) queue.remove(entry)
    expect(queue.length).toBe(expected.length)
    expect(drained(queue)).toEqual(expected)
    expect(queue.length).toBe(0)
  })

  it('lets go of what comes after an entry that is taken out', () => {
    const [queue] = queueOf(0, 2)
    expect(queue.shift()?.next).toBeUndefined()
    expect(queue.length).toBe(1)
  })

  it.each([
    [0, 0, 0],
    [0, 3, 3],
    [IN_MAIN, 0, IN_MAIN],
    [IN_MAIN, 2, IN_MAIN | 2],
  ] as const)('with bit %i marks an entry of %i uses %i', (bit, uses, mark) => {
    const queue = new EntryQueue<Queued>(bit)
    const entry = new Queued('a')
    queue.push(entry, uses)
    expect(entry.mark).toBe(mark)
    queue.keepOnly(() => true)
    expect(entry.mark).toBe(mark)
    queue.remove(entry)
    expect([entry.mark, entry.isRemoved]).toEqual([uses | REMOVED, true])
  })

  it('takes in again what it gave away', () => {
    const [queue, [first, second]] = queueOf(IN_MAIN, 2)
    const shifted = queue.shift()
    expect(shifted).toBe(first)
    if (shifted !== undefined) queue.push(shifted, USES)
    expect([first?.mark, second?.mark]).toEqual([IN_MAIN | USES, IN_MAIN])
    expect(drained(queue)).toEqual(['1', '0'])
  })

  it('keeps the given entries, and marks the others', () => {
    const [queue, entries] = queueOf(0, 4)
    queue.keepOnly(({ key }) => key === '1' || key === '2')
    expect([queue.length, entries.map(entry => entry.isRemoved)]).toEqual([2, [true, false, false, true]])
    expect(drained(queue)).toEqual(['1', '2'])
  })

  it('asks about none that was removed', () => {
    const [queue, entries] = queueOf(0, 20)
    for (const entry of entries.slice(0, 1)) queue.remove(entry)
    const asked: string[] = []
    queue.keepOnly(({ key }) => asked.push(key) > 0)
    expect(asked).toEqual(entries.slice(1).map(({ key }) => key))
  })

  it('is empty once it is cleared, and works on', () => {
    const [queue, entries] = queueOf(0, 3)
    queue.clear()
    expect([queue.length, queue.shift(), entries.every(entry => entry.isRemoved)]).toEqual([0, undefined, true])
    queue.push(new Queued('next'), 0)
    expect([queue.length, drained(queue)]).toEqual([1, ['next']])
  })

  it('holds on to few of those that were removed', () => {
    const [queue, entries] = queueOf(0, 80)
    const linked = (): number => {
      let count = 0
      for (let entry = entries[0]; entry !== undefined; entry = entry.next) count += 1
      return count
    }
    for (const entry of entries.slice(10, 18)) queue.remove(entry)
    expect(linked()).toBe(80)
    for (const entry of entries.slice(18, 19)) queue.remove(entry)
    expect(linked()).toBe(71)
  })

  it('lets go of what comes after those that it is rid of', () => {
    const [queue, entries] = queueOf(0, 20)
    const [first, second, third] = entries
    for (const entry of [first, second, third]) if (entry !== undefined) queue.remove(entry)
    expect([first?.next, second?.next, third?.next]).toEqual([undefined, undefined, undefined])
    queue.clear()
    expect(entries.every(({ next }) => next === undefined)).toBe(true)
  })

  it('does what a list does', () => {
    const what = fc.constantFrom<keyof typeof changes>('push', 'push', 'shift', 'remove', 'keepOnly')
    const step = fc.record({ what, place: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const queue = new EntryQueue<Queued>(0)
        let list: readonly Queued[] = []
        for (const [id, { what: change, place }] of steps.entries()) {
          list = changes[change](queue, list, { at: list[place], id: `${id}` })
          expect(queue.length).toBe(list.length)
        }
        expect(drained(queue)).toEqual(list.map(({ key }) => key))
      }),
    )
  })
})
