import { Source } from '../../../conformance/src/source.ts'
import { type BodyEnd, type BodyMemory, type Keeper, SharedBody } from '../../src/http/body/shared-body.ts'
import type { TappedBody } from '../../src/http/contract/contract.ts'

/** A memory that shows what is reserved of it. */
export interface ShownMemory extends BodyMemory {
  readonly used: () => number
}

export function memoryOf(bytes: number = Number.POSITIVE_INFINITY): ShownMemory {
  let used = 0
  return {
    hasRoom: more => used + more <= bytes,
    reserve: more => {
      used += more
    },
    used: () => used,
  }
}

/** A body with its source and the memory that it counts in. */
export interface Shared {
  readonly source: Source
  readonly body: SharedBody
  readonly memory: ShownMemory
}

export function sharedBody(maxBytes = 10, memory: ShownMemory = memoryOf()): Shared {
  const source = new Source()
  const cancel = (): void => source.seen.add('cancelled')
  const body = new SharedBody({ chunks: source.body.chunks, cancel }, maxBytes, memory)
  return { source, body, memory }
}

/** An owner that records its calls, and wants the body by default. */
export function keeperOf(given: { isWanted?: () => boolean; declaredBytes?: number } = {}): Keeper & {
  readonly ends: readonly BodyEnd[]
  readonly progress: () => number
} {
  const ends: BodyEnd[] = []
  let progress = 0
  return {
    declaredBytes: given.declaredBytes,
    isWanted: given.isWanted ?? (() => true),
    onProgress: () => void (progress += 1),
    onEnd: end => void ends.push(end),
    ends,
    progress: () => progress,
  }
}

/** A reader whose steps are text; a step is `undefined` at the end. */
export interface TextReader {
  readonly next: () => Promise<string | undefined>
  readonly all: () => Promise<string>
  readonly leave: () => void
}

export function textReader(body: TappedBody): TextReader {
  const iterator = body[Symbol.asyncIterator]()
  const next = async (): Promise<string | undefined> => {
    const step = await iterator.next()
    return step.done === true ? undefined : new TextDecoder().decode(step.value)
  }
  const all = async (): Promise<string> => {
    let text = ''
    for (let step = await next(); step !== undefined; step = await next()) text += step
    return text
  }
  return { next, all, leave: () => void iterator.return?.() }
}

/** Lets all run that only waits for its turn. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
}
