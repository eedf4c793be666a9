import { textOf } from './bytes.ts'
import type { Space } from './change.ts'
import type { Commands } from './commands.ts'
import { positionOf } from './change.ts'
import { markOf, type Names } from './names.ts'
import type { TagTable } from './tag-table.ts'

interface Dated {
  readonly asOf: bigint
  readonly tags: readonly string[]
}

interface Parts {
  readonly tags: TagTable
  readonly commands: Commands
  readonly names: Names
}

/** Whether the work on a record began after the last invalidation of each of its tags, and of everything. */
export function isCurrent(record: Dated, space: Space, parts: Parts): boolean | Promise<boolean> {
  const marks = [markOf(space)]
  for (const tag of record.tags) marks.push(markOf(space, tag))
  const unknown: string[] = []
  for (const mark of marks) {
    const position = parts.tags.positionOf(mark)
    if (position === undefined) {
      if (record.asOf < parts.tags.floor) unknown.push(mark)
    } else if (position > record.asOf) return false
  }
  return unknown.length === 0 || wereCurrent(unknown, record.asOf, parts)
}

/** Of what is older than the table the store has kept the last position for each tag. */
async function wereCurrent(marks: readonly string[], asOf: bigint, { tags, commands, names }: Parts): Promise<boolean> {
  const { floor } = tags
  const keys = marks.map(mark => names.tag(mark))
  const answer = await commands.send({ args: ['MGET', ...keys], key: keys[0] ?? '' })
  // What the table forgot meanwhile may be newer than what the store said.
  if (!answer.ok || !Array.isArray(answer.reply) || tags.floor !== floor) return false
  for (const [index, id] of (answer.reply as readonly unknown[]).entries()) {
    tags.add(marks[index] ?? '', positionOf(textOf(id)))
  }
  return marks.every(mark => (tags.positionOf(mark) ?? asOf + 1n) <= asOf)
}
