import { describe, expect, it } from 'vitest'
import { positionOf } from '../../src/protocol/change.ts'
import { functionNames, ResponseNames } from '../../src/protocol/key-names.ts'
import { markOf } from '../../src/protocol/keyspace.ts'
import { Outbox } from '../../src/changes/outbox.ts'
import { InvalidationIndex } from '../../src/changes/invalidation-index.ts'
import { Waiters } from '../../src/connection/waiters.ts'

describe('the tag table', () => {
  it('knows the last position of each tag, in whatever order they arrive', () => {
    const table = new InvalidationIndex()
    table.add('f:a', 5n)
    table.add('f:a', 3n)
    table.add('f:b', 4n)
    expect([table.positionOf('f:a'), table.positionOf('f:b'), table.positionOf('f:c')]).toEqual([5n, 4n, undefined])
  })

  it('is bounded, and of what it forgets it knows the latest', () => {
    const table = new InvalidationIndex(2)
    for (const [index, mark] of ['a', 'b', 'a', 'c', 'd'].entries()) table.add(mark, BigInt(index + 1))
    expect(table.size).toBe(2)
    expect([table.positionOf('a'), table.positionOf('b'), table.positionOf('d')]).toEqual([undefined, undefined, 5n])
    expect(table.floor).toBe(3n)
  })

  it('knows nothing after a reset but the floor', () => {
    const table = new InvalidationIndex()
    table.add('a', 1n)
    table.reset(9n)
    expect([table.size, table.floor]).toEqual([0, 9n])
  })
})

describe('marks', () => {
  it('are as short as tables need them, whatever a tag is, and another one for each', () => {
    const tags = ['a', '#a', 'x'.repeat(64), 'x'.repeat(65), 'y'.repeat(65), 'z'.repeat(100_000)]
    const marks = [markOf('f'), ...tags.flatMap(tag => [markOf('f', tag), markOf('h', tag)])]
    expect(marks.slice(0, 3)).toEqual(['f', 'f:a', 'h:a'])
    expect(new Set(marks).size).toBe(marks.length)
    expect(Math.max(...marks.map(({ length }) => length))).toBe(66)
    expect(marks).not.toContain(markOf('f', markOf('f', '#a').slice(2)))
  })
})

describe('a position in the log', () => {
  it('is in the order of ids, and stands in 8 bytes', () => {
    const ids = [
      '0-0',
      '1-0',
      '1-1',
      '1700000000000-0',
      '281474976710655-1',
      '300000000000000-2',
      '18446744073709551615-70000',
    ]
    const positions = ids.map(positionOf)
    expect(positions.toSorted((one, other) => (one < other ? -1 : 1))).toEqual(positions)
    expect(new Set(positions).size).toBe(ids.length)
    expect(positionOf('18446744073709551615-18446744073709551615')).toBe(2n ** 64n - 1n)
    expect(['', 'x', '-1-0', '1-x', '1'.repeat(21)].map(positionOf)).toEqual([0n, 0n, 0n, 0n, 0n])
  })
})

describe('the outbox', () => {
  it('gives each change once, by space', () => {
    const outbox = new Outbox()
    outbox.add({ space: 'f', keys: ['a', 'b'] })
    outbox.add({ space: 'f', keys: ['a'] })
    outbox.add({ space: 'h', tags: ['t'] })
    expect(outbox.size).toBe(3)
    expect(outbox.take()).toEqual([
      { space: 'f', keys: ['a', 'b'] },
      { space: 'h', tags: ['t'] },
    ])
    expect([outbox.isEmpty, outbox.take()]).toEqual([true, []])
  })

  it('has no more to say of a space that is cleared', () => {
    const outbox = new Outbox()
    outbox.add({ space: 'f', keys: ['a'] })
    outbox.add({ space: 'f' })
    outbox.add({ space: 'f', tags: ['t'] })
    expect(outbox.take()).toEqual([{ space: 'f' }])
  })

  it('clears a space of which it would have to say too much', () => {
    const outbox = new Outbox()
    for (let index = 0; index < 1_200; index += 1) outbox.add({ space: 'f', keys: [`key ${index}`] })
    outbox.add({ space: 'h', keys: ['h/#x'] })
    expect(outbox.size).toBeLessThanOrEqual(1_000)
    expect(outbox.take()).toEqual([{ space: 'f' }, { space: 'h', keys: ['h/#x'] }])
  })
})

describe('the names of responses', () => {
  it('are published as digests, and found by them as long as they are remembered', () => {
    const names = new ResponseNames()
    const [a, b] = [names.of('GET /a'), names.of('GET /b')]
    expect([a, b].every(name => /^h\/#[\w-]{43}$/.test(name))).toBe(true)
    expect(names.keysOf([b, 'h/#never-met'])).toEqual(['GET /b'])
  })

  it('are bounded; from then on an unknown one may have been forgotten', () => {
    const names = new ResponseNames()
    const first = names.of('first')
    for (let index = 0; index < 20_000; index += 1) names.of(`key ${index}`)
    expect(names.size).toBe(20_000)
    expect(names.keysOf([first])).toBeUndefined()
  })

  it('are bounded by their characters too', () => {
    const names = new ResponseNames()
    const first = names.of('first')
    for (let index = 0; index < 100; index += 1) names.of(`${index} ${'x'.repeat(65_536)}`)
    expect(names.size).toBe(63)
    expect(names.keysOf([first])).toBeUndefined()
    const last = names.of('last')
    expect(names.keysOf([last])).toEqual(['last'])
    expect(names.of('y'.repeat(5_000_000))).toMatch(/^h\/#/)
    expect([names.size, names.keysOf([last])]).toEqual([0, undefined])
    expect(names.keysOf([names.of('next')])).toEqual(['next'])
  })
})

describe('the names of functions', () => {
  it('are readable where they can be, and never the same for two keys', () => {
    const keys = ['a', 'ä{}\n', '#a', 'x'.repeat(201), 'y'.repeat(201), 'a\ud800', 'a\ud801', 'a\ufffd']
    const names = keys.map(key => functionNames.of(key))
    expect(names.slice(0, 2)).toEqual(['f/a', 'f/ä{}\n'])
    expect(new Set(names).size).toBe(keys.length)
    expect(functionNames.of(names[2]?.slice(2) ?? '')).not.toBe(names[2])
    expect(names.slice(2, 7).every(name => name.startsWith('f/#'))).toBe(true)
  })
})

describe('waiting callers', () => {
  const token = 'a'.repeat(16)
  const message = (kind: string, rest = ''): Uint8Array => Buffer.from(`${kind}${token}${rest}`)

  it('are woken once, all of them', () => {
    const waiters = new Waiters()
    const kinds: string[] = []
    for (let index = 0; index < 3; index += 1) waiters.wait(token, wake => void kinds.push(wake.kind))
    waiters.deliver(message('C'))
    waiters.deliver(message('R'))
    expect([kinds, waiters.size]).toEqual([['C', 'C', 'C'], 0])
  })

  it('may leave', () => {
    const waiters = new Waiters()
    const leave = waiters.wait(token, () => expect.unreachable())
    leave()
    leave()
    waiters.deliver(message('C'))
    expect(waiters.size).toBe(0)
  })

  it('receive a wake from before the reply that told them to wait, and none from before their request', () => {
    const waiters = new Waiters()
    const kinds: string[] = []
    waiters.deliver(message('C'))
    const stop = waiters.ask()
    waiters.wait(token, wake => void kinds.push(wake.kind))
    expect(kinds).toEqual([])
    waiters.deliver(message('E', '{}'))
    waiters.wait(token, wake => void kinds.push(wake.kind))
    expect(kinds).toEqual(['E', 'E'])
    stop()
    waiters.wait(token, wake => void kinds.push(wake.kind))
    waiters.releaseAll()
    expect([kinds, waiters.size]).toEqual([['E', 'E', 'L'], 0])
  })

  it('receive the latest early wakes, however many arrived while requests were in progress', () => {
    const waiters = new Waiters()
    const heard: number[] = []
    const nth = (index: number): string => String(index).padStart(16, '0')
    waiters.ask()
    for (let index = 0; index < 3_000; index += 1) {
      waiters.ask()()
      waiters.deliver(Buffer.from(`C${nth(index)}`))
    }
    for (const index of [0, 1_999, 2_000, 2_999]) waiters.wait(nth(index), () => void heard.push(index))
    expect([heard, waiters.size]).toEqual([[2_000, 2_999], 2])
  })

  it('ignore malformed messages', () => {
    const waiters = new Waiters()
    waiters.wait(token, () => expect.unreachable())
    for (const bytes of ['', 'C', `X${token}`, `L${token}`]) waiters.deliver(Buffer.from(bytes))
    expect(waiters.size).toBe(1)
  })
})
