import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Notifier } from '../../../src/base/notifier.ts'
import { BodyBlock } from '../../../src/http/body/body-block.ts'
import { BodyReader, type ReadBody } from '../../../src/http/body/body-reader.ts'
import { BodySource } from '../../../src/http/body/body-source.ts'
import { webBody } from '../../../src/http/index.ts'

describe('blocks', () => {
  it('keep all bytes in order, in at most one block for each chunk, and few for small ones', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), chunks => {
        const first = new BodyBlock()
        let last = first
        for (const chunk of chunks) last = last.append(chunk)
        expect(BodyBlock.whole(first)).toEqual(new Uint8Array(chunks.flatMap(chunk => [...chunk])))
        let blocks = 0
        for (let block = first.next; block !== undefined; block = block.next) blocks += 1
        expect(blocks).toBeLessThanOrEqual(chunks.length)
      }),
    )
    const first = new BodyBlock()
    let last = first
    for (let byte = 0; byte < 100_000; byte += 1) last = last.append(new Uint8Array(1))
    const sizes: number[] = []
    for (let block = first.next; block !== undefined; block = block.next) sizes.push(block.length)
    expect(sizes.slice(0, 10)).toEqual([64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 16_384])
  })

  it('give a large chunk one of its own, and are copies on both sides', () => {
    const chunk = new Uint8Array(20_000).fill(1)
    const first = new BodyBlock()
    const last = first.append(chunk)
    chunk.fill(2)
    last.from(0).fill(3)
    expect([last.length, first.next === last, last.from(19_999), last.from(20_000)]).toEqual([
      20_000,
      true,
      new Uint8Array([1]),
      new Uint8Array(),
    ])
    expect(last.append(new Uint8Array(1)).length).toBe(1)
  })
})

describe('a bell', () => {
  it('wakes everything that waits, and later ones at the next notification', async () => {
    const bell = new Notifier()
    bell.notify()
    const heard: string[] = []
    const waits = ['a', 'b'].map(async name => {
      await bell.next()
      heard.push(name)
    })
    await Promise.resolve()
    expect(heard).toEqual([])
    bell.notify()
    await Promise.all(waits)
    expect(heard).toEqual(['a', 'b'])
    const later = bell.next()
    expect(await Promise.race([later.then(() => 'rung'), Promise.resolve('silent')])).toBe('silent')
    bell.notify()
    await later
  })
})

describe('a reader', () => {
  const reading = (): { readonly reader: BodyReader; readonly told: string[]; readonly first: BodyBlock } => {
    const told: string[] = []
    const body: ReadBody = {
      sourceEnd: undefined,
      want: () => void told.push('want'),
      left: () => void told.push('left'),
    }
    const first = new BodyBlock()
    return { reader: new BodyReader(body, first), told, first }
  }

  it('knows where it is, and asks for more where there is none', async () => {
    const { reader, told, first } = reading()
    first.append(new Uint8Array([1, 2])).append(new Uint8Array([3]))
    expect(await reader.next()).toEqual({ done: false, value: new Uint8Array([1, 2, 3]) })
    expect([reader.position, told]).toEqual([3, []])
    const waiting = [reader.next(), reader.next()]
    expect(told).toEqual(['want', 'want'])
    first.next?.append(new Uint8Array([4]))
    reader.wake()
    expect(await waiting[0]).toEqual({ done: false, value: new Uint8Array([4]) })
    expect(await reader.return()).toEqual({ done: true, value: undefined })
    expect(await waiting[1]).toEqual({ done: true, value: undefined })
    expect(reader.position).toBe(4)
  })

  it('leaves once, however often it is called', async () => {
    const { reader, told } = reading()
    await reader.return()
    reader.cut(new Error('late'))
    await reader.return()
    expect([told, await reader.next()]).toEqual([['left'], { done: true, value: undefined }])
  })

  it('that is cut off fails once, also where it waits', async () => {
    const { reader, told } = reading()
    const waiting = reader.next()
    reader.cut(new Error('cut'))
    await expect(waiting).rejects.toThrow('cut')
    expect([told, await reader.next()]).toEqual([['want', 'left'], { done: true, value: undefined }])
  })
})

describe('a source', () => {
  it('is bytes, of text too, and contains what its stream throws when it is cancelled', async () => {
    async function* chunks(): AsyncGenerator<string | Uint8Array> {
      yield 'ä'
      yield new Uint8Array([1])
    }
    const cancel = (): void => {
      throw new Error('cannot')
    }
    const source = new BodySource({ chunks: chunks(), cancel })
    expect([await source.next(), await source.next(), await source.next()]).toEqual([
      new Uint8Array([195, 164]),
      new Uint8Array([1]),
      undefined,
    ])
    expect(() => source.cancel()).not.toThrow()
  })

  it('of a web stream is locked when it is read, and cancelled also while a chunk is awaited', async () => {
    const cancelled: unknown[] = []
    const stream = new ReadableStream<Uint8Array>({
      start: controller => controller.enqueue(new Uint8Array([1])),
      cancel: reason => {
        cancelled.push(reason)
        throw new Error('cannot')
      },
    })
    const body = webBody(stream)
    const chunks = body.chunks[Symbol.asyncIterator]()
    expect(stream.locked).toBe(false)
    expect(await chunks.next()).toEqual({ done: false, value: new Uint8Array([1]) })
    const waiting = chunks.next()
    body.cancel()
    expect([await waiting, cancelled]).toEqual([{ done: true, value: undefined }, [undefined]])
  })
})
