import { describe, expect, it } from 'vitest'
import { keeperOf, memoryOf, settled, sharedBody, textReader } from '../../support/shared-bodies.ts'

const BEHIND = 'fell too far behind'

describe('a body over maxBytes', () => {
  it('is over the limit with one more byte: it accepts no more readers', async () => {
    const { source, body } = sharedBody(4)
    const leader = textReader(body)
    const keeper = keeperOf()
    body.share(keeper)
    source.give('abcd')
    expect(await leader.next()).toBe('abcd')
    expect([keeper.ends, await textReader(body.reader()).next()]).toEqual([[], 'abcd'])
    source.give('e')
    expect(await leader.next()).toBe('e')
    expect(keeper.ends).toEqual([{ kind: 'overflow' }])
    expect(() => body.reader()).toThrow('is held no more')
    source.end()
    expect(await leader.next()).toBeUndefined()
    expect(keeper.ends).toEqual([{ kind: 'overflow' }])
  })

  it('cuts no reader off for bytes that were read ahead of all', async () => {
    const { source, body } = sharedBody(4)
    const readers = [textReader(body), textReader(body.reader())]
    body.share(keeperOf())
    source.give('abcd', 'efgh', 'ijkl')
    await settled()
    // The one over the limit, and no more: none was requested.
    expect(source.seen.count('read')).toBe(2)
    expect([await readers[0]?.next(), await readers[1]?.next()]).toEqual(['abcdefgh', 'abcdefgh'])
  })

  it('is drawn by its fastest reader; one that is further behind than maxBytes is cut off', async () => {
    const { source, body } = sharedBody(4)
    const [fast, slow, slower] = [body, body.reader(), body.reader()].map(textReader)
    body.share(keeperOf())
    source.give('ab')
    expect([await fast?.next(), await slow?.next()]).toEqual(['ab', 'ab'])
    source.give('cdef')
    expect(await fast?.next()).toBe('cdef')
    // Four behind: as far as may be; the other is six behind.
    source.give('g')
    expect(await fast?.next()).toBe('g')
    await expect(slower?.next()).rejects.toThrow(BEHIND)
    expect(await slow?.next()).toBe('cdefg')
  })

  it('is drawn by the next one when the fastest has left', async () => {
    const { source, body } = sharedBody(2)
    const [fast, slow] = [body, body.reader()].map(textReader)
    body.share(keeperOf())
    source.give('abc')
    expect(await fast?.next()).toBe('abc')
    fast?.leave()
    source.give('def')
    await settled()
    expect(source.seen.count('read')).toBe(1)
    expect(await slow?.next()).toBe('abc')
    expect(await slow?.next()).toBe('def')
  })

  it('before it is shared: it is so when it is asked, and the leader goes on', async () => {
    const { source, body } = sharedBody(2)
    const leader = textReader(body)
    source.give('abc', 'd')
    source.end()
    expect([await leader.next(), body.end]).toEqual(['abc', { kind: 'overflow' }])
    expect(await leader.all()).toBe('d')
  })

  it('that breaks off does so for its readers', async () => {
    const { source, body } = sharedBody(2)
    const readers = [textReader(body), textReader(body.reader())]
    const keeper = keeperOf()
    body.share(keeper)
    source.give('abc')
    source.breakOff()
    for (const reader of readers) await expect(reader.all()).rejects.toThrow('source broke off')
    expect(keeper.ends).toEqual([{ kind: 'overflow' }])
  })
})

describe('a body that was dropped', () => {
  it('is the leader’s alone, at its own pace', async () => {
    const { source, body, memory } = sharedBody(10)
    body.drop()
    body.drop()
    const leader = textReader(body)
    source.give('a', 'b')
    source.end()
    expect(() => body.reader()).toThrow('is held no more')
    expect([await leader.next(), source.seen.count('read')]).toEqual(['a', 1])
    expect([await leader.all(), memory.used()]).toEqual(['b', 0])
  })

  it('breaks off for the leader', async () => {
    const { source, body } = sharedBody()
    body.drop()
    source.give('a')
    source.breakOff()
    await expect(textReader(body).all()).rejects.toThrow('source broke off')
  })
})

describe('the memory of bodies', () => {
  it('counts the kept bytes: all of them while readers may join', async () => {
    const { source, body, memory } = sharedBody()
    const leader = textReader(body)
    body.share(keeperOf())
    source.give('abc')
    expect([await leader.next(), memory.used()]).toEqual(['abc', 3])
    source.give('de')
    expect([await leader.next(), memory.used()]).toEqual(['de', 5])
    source.end()
    expect([await leader.next(), memory.used()]).toEqual([undefined, 0])
  })

  it('counts, over maxBytes, what the slowest has still to read', async () => {
    const { source, body, memory } = sharedBody(4)
    const [fast, slow] = [body, body.reader()].map(textReader)
    body.share(keeperOf())
    source.give('ab')
    expect([await fast?.next(), await slow?.next()]).toEqual(['ab', 'ab'])
    source.give('cde')
    expect([await fast?.next(), memory.used()]).toEqual(['cde', 3])
    void fast?.next()
    expect([await slow?.next(), memory.used()]).toEqual(['cde', 3])
    // All of them have all.
    void slow?.next()
    expect(memory.used()).toBe(0)
    source.give('f')
    await settled()
    fast?.leave()
    slow?.leave()
    expect(memory.used()).toBe(0)
  })

  it('without room for more, a body is over the limit, and a reader that is behind is cut off', async () => {
    const { source, body } = sharedBody(100, memoryOf(4))
    const [fast, slow] = [body, body.reader()].map(textReader)
    const keeper = keeperOf()
    body.share(keeper)
    source.give('abcd')
    expect([await fast?.next(), keeper.ends]).toEqual(['abcd', []])
    source.give('e')
    expect([await fast?.next(), keeper.ends]).toEqual(['e', [{ kind: 'overflow' }]])
    await expect(slow?.next()).rejects.toThrow(BEHIND)
  })
})

describe('a body without a reader', () => {
  it('is cancelled where its keeper does not want it, even while a chunk is awaited', async () => {
    const { source, body, memory } = sharedBody()
    const [leader, follower] = [textReader(body), textReader(body.reader())]
    const keeper = keeperOf({ isWanted: () => false })
    body.share(keeper)
    source.give('a')
    expect(await leader.next()).toBe('a')
    const waiting = leader.next()
    leader.leave()
    expect(await waiting).toBeUndefined()
    expect([source.seen.count('cancelled'), memory.used()]).toEqual([0, 1])
    follower.leave()
    expect([source.seen.count('cancelled'), memory.used()]).toEqual([1, 0])
    expect(keeper.ends).toEqual([{ kind: 'cancelled' }])
    source.give('late')
    await settled()
    body.cancelIfUnread()
    expect([source.seen.count('cancelled'), memory.used(), keeper.progress()]).toEqual([1, 0, 1])
    expect(await textReader(body).next()).toBeUndefined()
  })

  it('goes on for its keeper, for as long as that wants it', async () => {
    const { source, body } = sharedBody()
    let isWanted = true
    const keeper = keeperOf({ isWanted: () => isWanted })
    body.share(keeper)
    textReader(body).leave()
    source.give('a')
    await settled()
    expect([source.seen.count('cancelled'), source.seen.count('read')]).toEqual([0, 2])
    isWanted = false
    source.give('b')
    await settled()
    expect(keeper.ends).toEqual([{ kind: 'cancelled' }])
  })

  it('is cancelled when it is more than may be held', async () => {
    const { source, body } = sharedBody(1)
    const keeper = keeperOf()
    body.share(keeper)
    textReader(body).leave()
    source.give('ab')
    await settled()
    expect([keeper.ends, source.seen.count('cancelled')]).toEqual([[{ kind: 'overflow' }], 1])
  })

  it('is held until it is known whether others may have it', async () => {
    const { source, body } = sharedBody()
    textReader(body).leave()
    body.cancelIfUnread()
    expect(source.seen.count('cancelled')).toBe(0)
    body.drop()
    expect(source.seen.count('cancelled')).toBe(1)
  })

  it('and that was dropped is cancelled when its leader leaves', () => {
    const { source, body } = sharedBody()
    body.drop()
    textReader(body).leave()
    expect(source.seen.count('cancelled')).toBe(1)
  })
})
