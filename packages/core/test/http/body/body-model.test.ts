import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SharedBody } from '../../../src/http/body/shared-body.ts'
import { keeperOf, settled, sharedBody, textReader } from '../../support/shared-bodies.ts'

const MAX = 8
const LARGEST = 5

/** A reader, what it has read, and whether it has come to an end of any kind. */
class Reading {
  text = ''
  end: 'open' | 'whole' | 'cut' | 'left' = 'open'
  readonly #reader: ReturnType<typeof textReader>

  constructor(reader: ReturnType<typeof textReader>) {
    this.#reader = reader
  }

  async read(): Promise<void> {
    if (this.end !== 'open') return
    try {
      const text = await this.#reader.next()
      if (this.end !== 'open') return
      if (text === undefined) this.end = 'whole'
      else this.text += text
    } catch (error) {
      if (!String(error).includes('fell too far behind')) throw error
      this.end = 'cut'
    }
  }

  async readAll(): Promise<void> {
    while (this.end === 'open') await this.read()
  }

  leave(): void {
    this.end = 'left'
    this.#reader.leave()
  }
}

/** A piece of so many bytes, or what one of the readers does. */
const happening = fc.oneof(
  fc.record({ piece: fc.integer({ min: 1, max: LARGEST }) }),
  fc.record({ who: fc.nat(3), does: fc.constantFrom('read', 'read', 'read', 'leave', 'join') }),
)

function apply(event: { who: number; does: string }, readings: Reading[], body: SharedBody): void {
  if (event.does === 'read') void readings[event.who]?.read()
  else if (event.does === 'leave') readings[event.who]?.leave()
  else if (body.end === undefined) readings.push(new Reading(textReader(body.reader())))
}

describe('whatever happens to a body', () => {
  it('each reader has it from its first byte on without a gap, to its end unless it fell behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async events => {
        const { source, body, memory } = sharedBody(MAX)
        const readings = [body, body.reader(), body.reader()].map(reader => new Reading(textReader(reader)))
        body.share(keeperOf())
        let given = ''
        let most = 0
        for (const [index, event] of events.entries()) {
          if ('piece' in event) {
            const piece = String.fromCharCode(97 + (index % 26)).repeat(event.piece)
            given += piece
            source.give(piece)
          } else apply(event, readings, body)
          await settled()
          most = Math.max(most, memory.used())
        }
        source.end()
        await Promise.all(readings.map(reading => reading.readAll()))
        // Where all have left, its end is yet to come to it.
        await settled()
        // All that one may be behind the fastest, and the chunk that this one is about to read.
        expect(most).toBeLessThanOrEqual(MAX + LARGEST)
        expect(readings.filter(({ text }) => !given.startsWith(text))).toEqual([])
        expect(readings.filter(({ text, end }) => end === 'whole' && text !== given)).toEqual([])
        expect(readings.filter(({ end }) => end === 'cut' && given.length <= MAX)).toEqual([])
        expect(memory.used()).toBe(0)
      }),
    )
  })
})
