import { describe, expect, it } from 'vitest'
import { SharedBody } from '../../../src/http/body/shared-body.ts'
import { keeperOf, memoryOf, settled, sharedBody, textReader } from '../../support/shared-bodies.ts'

describe('a body', () => {
  it('gives all of it to each of its readers, from the first byte on, whenever they come', async () => {
    const { source, body } = sharedBody()
    const [leader, early] = [textReader(body), textReader(body.reader())]
    body.share(keeperOf())
    source.give('a')
    expect([await leader.next(), await early.next()]).toEqual(['a', 'a'])
    source.give('b')
    expect(await leader.next()).toBe('b')
    const late = textReader(body.reader())
    expect(await late.next()).toBe('ab')
    source.end()
    expect(await Promise.all([leader, early, late].map(({ all }) => all()))).toEqual(['', 'b', ''])
  })

  it('is read at its leader’s pace, one chunk ahead, until it is shared', async () => {
    const { source, body } = sharedBody()
    source.give('a', 'b', 'c')
    source.end()
    await settled()
    expect(source.seen.count('read')).toBe(1)
    const leader = textReader(body)
    expect(await leader.next()).toBe('a')
    await settled()
    expect(source.seen.count('read')).toBe(1)
    expect(await leader.next()).toBe('b')
    expect(source.seen.count('read')).toBe(2)
    const keeper = keeperOf()
    body.share(keeper)
    await settled()
    expect([source.seen.count('read'), keeper.progress(), keeper.ends]).toEqual([4, 1, [{ kind: 'whole' }]])
  })

  it('is shared with its bytes as they came, whatever becomes of them', async () => {
    const own = new Uint8Array([1])
    async function* again(): AsyncGenerator<Uint8Array> {
      yield own
      own[0] = 2
      yield own
    }
    const body = new SharedBody({ chunks: again(), cancel: () => {} }, 10, memoryOf())
    const [leader, follower] = [body[Symbol.asyncIterator](), body.reader()[Symbol.asyncIterator]()]
    const first = await leader.next()
    if (first.done !== true) first.value.fill(9)
    body.share(keeperOf())
    await settled()
    expect(await follower.next()).toEqual({ done: false, value: new Uint8Array([1, 2]) })
  })

  it('that is whole before it is shared can be taken, and is then let go', async () => {
    const { source, body, memory } = sharedBody()
    const leader = textReader(body)
    source.give('abc')
    source.end()
    expect([await leader.all(), body.end, memory.used()]).toEqual(['abc', { kind: 'whole' }, 3])
    expect(new TextDecoder().decode(body.takeWhole())).toBe('abc')
    expect(memory.used()).toBe(0)
    expect(body.takeWhole()).toEqual(new Uint8Array())
  })

  it('is complete for its owner, which then keeps it instead', async () => {
    const { source, body, memory } = sharedBody()
    let taken = ''
    const keeper = keeperOf()
    body.share({ ...keeper, onEnd: () => void (taken = new TextDecoder().decode(body.takeWhole())) })
    const leader = textReader(body)
    source.give('abc')
    source.end()
    await settled()
    expect([taken, memory.used()]).toEqual(['abc', 3])
    expect(await leader.all()).toBe('abc')
    expect(memory.used()).toBe(0)
  })

  it('with chunks of nothing goes on', async () => {
    const { source, body } = sharedBody()
    const leader = textReader(body)
    source.give('', 'a', '')
    source.end()
    expect(await leader.all()).toBe('a')
  })

  it('that breaks off gives its readers what came, then the error, once', async () => {
    const { source, body, memory } = sharedBody()
    const readers = [textReader(body), textReader(body.reader())]
    const keeper = keeperOf()
    body.share(keeper)
    source.give('a')
    source.breakOff()
    await settled()
    expect(keeper.ends).toEqual([{ kind: 'broken', error: new Error('source broke off') }])
    for (const reader of readers) {
      expect(await reader.next()).toBe('a')
      await expect(reader.next()).rejects.toThrow('source broke off')
      expect(await reader.next()).toBeUndefined()
    }
    expect(memory.used()).toBe(0)
  })

  it('that breaks off before it is shared shows that on request', async () => {
    const { source, body } = sharedBody()
    source.breakOff()
    await settled()
    expect(body.end).toMatchObject({ kind: 'broken' })
    await expect(textReader(body).next()).rejects.toThrow('source broke off')
  })

  it('of chunks that are not bytes is broken and given up, and never stored as something else', async () => {
    let cancelled = 0
    async function* wide(): AsyncGenerator<Uint8Array> {
      yield new Uint16Array([65]) as unknown as Uint8Array
    }
    const body = new SharedBody({ chunks: wide(), cancel: () => void (cancelled += 1) }, 10, memoryOf())
    await expect(textReader(body).next()).rejects.toThrow('a chunk of a body is a string or a Uint8Array')
    expect([body.end?.kind, cancelled]).toEqual(['broken', 1])
  })
})

describe('a declared length', () => {
  it.each([
    [2, 'length', 'stampede: the body is not as long as its Content-Length says'],
    [4, 'length', 'stampede: the body is not as long as its Content-Length says'],
    [3, 'whole', 'abc'],
    [undefined, 'whole', 'abc'],
  ])('of %s for three bytes: %s', async (declaredBytes, kind, expected) => {
    const { source, body, memory } = sharedBody()
    const [leader, follower] = [textReader(body), textReader(body.reader())]
    const keeper = keeperOf(declaredBytes === undefined ? {} : { declaredBytes })
    body.share(keeper)
    source.give('abc')
    source.end()
    await settled()
    expect(keeper.ends).toEqual([{ kind }])
    expect(await follower.all().catch((error: unknown) => (error as Error).message)).toBe(expected)
    // The leader has what it would have without others.
    expect([await leader.all(), memory.used()]).toEqual(['abc', 0])
  })

  it('that is passed before the body is shared breaks off for followers at once', async () => {
    const { source, body } = sharedBody()
    const follower = textReader(body.reader())
    source.give('abc')
    await settled()
    const keeper = keeperOf({ declaredBytes: 2 })
    body.share(keeper)
    expect(keeper.ends).toEqual([{ kind: 'length' }])
    await expect(follower.next()).rejects.toThrow('not as long')
    expect(await textReader(body).next()).toBe('abc')
  })

  it('that is passed through gives a follower no byte over the limit', async () => {
    const { source, body } = sharedBody()
    const follower = textReader(body.reader())
    body.share(keeperOf({ declaredBytes: 2 }))
    source.give('ab')
    expect(await follower.next()).toBe('ab')
    source.give('c')
    await expect(follower.next()).rejects.toThrow('not as long')
  })

  it('is looked at also where the body is more than may be held', async () => {
    const { source, body } = sharedBody(2)
    const [leader, follower] = [textReader(body), textReader(body.reader())]
    const keeper = keeperOf({ declaredBytes: 5 })
    body.share(keeper)
    source.give('abc')
    source.end()
    expect(await leader.all()).toBe('abc')
    await expect(follower.all()).rejects.toThrow('not as long')
    expect(keeper.ends).toEqual([{ kind: 'overflow' }])
  })
})
