import { describe, expect, it } from 'vitest'
import { Gate } from '../../conformance/src/gate.ts'
import { type BodyEnd, BodyTap } from '../src/http/body.ts'
import type { BodyStream } from '../src/http/types.ts'

interface Source extends BodyStream {
  readonly cancelled: () => boolean
  readonly reads: () => number
}

/** A source of these chunks; from `heldAt` on each waits for the gate. */
function sourceOf(chunks: readonly (string | Error)[], gate?: Gate, heldAt = 0): Source {
  let cancelled = false
  let reads = 0
  async function* all(): AsyncGenerator<string> {
    for (const [index, chunk] of chunks.entries()) {
      if (gate !== undefined && index >= heldAt) await gate.passed()
      if (chunk instanceof Error) throw chunk
      reads += 1
      yield chunk
    }
  }
  const cancel = (): void => {
    cancelled = true
  }
  return { chunks: all(), cancel, cancelled: () => cancelled, reads: () => reads }
}

function keep(tap: BodyTap, isWanted = true): Promise<BodyEnd> {
  return new Promise(resolve => tap.keep({ onEnd: resolve, isWanted: () => isWanted }))
}

async function read(tap: BodyTap): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of tap) text += decoder.decode(chunk)
  return text
}

describe('a tapped body', () => {
  it('is whole for the keeper though the leader reads nothing of it', async () => {
    const tap = new BodyTap(sourceOf(['a', 'b', 'c']), 10)
    const end = await keep(tap)
    expect(end.kind === 'whole' && new TextDecoder().decode(end.bytes)).toBe('abc')
    expect(await read(tap)).toBe('abc')
  })

  it('over the limit goes on for the leader alone, at its own pace', async () => {
    const source = sourceOf(['aaaa', 'bbbb', 'cccc', 'dddd'])
    const tap = new BodyTap(source, 6)
    expect(await keep(tap)).toEqual({ kind: 'overflow' })
    expect(source.reads()).toBe(2)
    expect(await read(tap)).toBe('aaaabbbbccccdddd')
  })

  it('that breaks off is broken for both', async () => {
    const error = new Error('broke off')
    const tap = new BodyTap(sourceOf(['a', error]), 10)
    expect(await keep(tap)).toEqual({ kind: 'broken', error })
    await expect(read(tap)).rejects.toBe(error)
  })

  it('of chunks that are not bytes is broken, and never stored as something else', async () => {
    async function* wide(): AsyncGenerator<Uint8Array> {
      yield new Uint16Array([65]) as unknown as Uint8Array
    }
    const tap = new BodyTap({ chunks: wide(), cancel: () => {} }, 10)
    expect(await keep(tap)).toMatchObject({ kind: 'broken' })
    await expect(read(tap)).rejects.toThrow('a chunk of a body')
  })

  it('that was dropped passes through, and breaks off for the leader', async () => {
    const error = new Error('broke off')
    const tap = new BodyTap(sourceOf(['a', error]), 10)
    tap.drop()
    await expect(read(tap)).rejects.toBe(error)
  })

  it('is cancelled when its leader leaves and nobody wants it, even while a chunk is awaited', async () => {
    const gate = new Gate()
    const source = sourceOf(['a', 'b'], gate, 1)
    const tap = new BodyTap(source, 10)
    const ended = keep(tap, false)
    const leader = tap[Symbol.asyncIterator]()
    await leader.next()
    await leader.return?.()
    expect(source.cancelled()).toBe(true)
    expect(await ended).toEqual({ kind: 'cancelled' })
    gate.open()
  })

  it('goes on when its leader leaves and somebody wants it', async () => {
    const gate = new Gate()
    const source = sourceOf(['a', 'b'], gate, 1)
    const tap = new BodyTap(source, 10)
    const leader = tap[Symbol.asyncIterator]()
    await leader.next()
    await leader.return?.()
    const ended = keep(tap)
    gate.open()
    expect((await ended).kind).toBe('whole')
    expect(source.cancelled()).toBe(false)
  })

  it('whose leader left before it was dropped is cancelled then', async () => {
    const source = sourceOf(['a', 'b'])
    const tap = new BodyTap(source, 10)
    await tap[Symbol.asyncIterator]().return?.()
    expect(source.cancelled()).toBe(false)
    tap.drop()
    expect(source.cancelled()).toBe(true)
  })
})
