import { textOf } from '../base/bytes.ts'
import { positionOfScore, type Space } from '../protocol/change.ts'
import type { Commands } from '../protocol/commands.ts'
import { markOf, type Keyspace } from '../protocol/keyspace.ts'
import { MARKED } from '../protocol/log-scripts.ts'
import type { InvalidationIndex } from './invalidation-index.ts'

/** Maximum number of marks that one record may look up in the store, so that the answers do not fill the index. */
const MOST_ASKED = 1_000

interface Dated {
  readonly asOf: bigint
  readonly tags: readonly string[]
}

interface Parts {
  readonly invalidations: InvalidationIndex
  readonly commands: Commands
  readonly names: Keyspace
}

/** Whether the work on a record began after the last invalidation of each of its tags, and of everything. */
export function isCurrent(record: Dated, space: Space, parts: Parts): boolean | Promise<boolean> {
  const marks = [markOf(space)]
  for (const tag of record.tags) marks.push(markOf(space, tag))
  const unknown: string[] = []
  for (const mark of marks) {
    const position = parts.invalidations.positionOf(mark)
    if (position === undefined) {
      if (record.asOf < parts.invalidations.floor) unknown.push(mark)
    } else if (position > record.asOf) return false
  }
  if (unknown.length > MOST_ASKED) return false
  return unknown.length === 0 || wereCurrent(unknown, record.asOf, space, parts)
}

/**
 * For older invalidations, the store knows more than the index: those of each mark, or the latest of all unlisted
 * ones.
 */
async function wereCurrent(marks: readonly string[], asOf: bigint, space: Space, parts: Parts): Promise<boolean> {
  const { invalidations, commands, names } = parts
  const { floor } = invalidations
  const answer = await commands.run({ script: MARKED, keys: [names.marks(space)], args: marks })
  const [lowest, ...scores] = answer.ok && Array.isArray(answer.reply) ? (answer.reply as readonly unknown[]) : []
  // What the index has forgotten meanwhile may be newer than the store's answer.
  if (scores.length !== marks.length || invalidations.floor !== floor) return false
  for (const [index, score] of scores.entries()) {
    const position = positionOfScore(textOf(score) || textOf(lowest))
    // Invalidations after the floor are in the index itself, as soon as they are read.
    invalidations.add(marks[index] ?? '', position < floor ? position : floor)
  }
  return marks.every(mark => (invalidations.positionOf(mark) ?? asOf + 1n) <= asOf)
}
