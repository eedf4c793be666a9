import { readFileSync } from 'node:fs'

/** @typedef {{ readonly room: string, readonly holds: string }} Room */

/**
 * The rooms of each package that has some, from the ground up. A room is a folder; `.` is the top of the package. A file
 * imports from its own room and from rooms that stand before it in its list; rooms of a later list import from all of the
 * first list too.
 *
 * @type {Readonly<Record<string, readonly (readonly Room[])[]>>}
 */
export const ROOMS = JSON.parse(readFileSync(new URL('rooms.json', import.meta.url), 'utf8'))

/** The rooms that each room may import from, beside itself. */
export function importsOf() {
  return Object.entries(ROOMS).flatMap(([name, [ground = [], ...towers]]) =>
    [ground, ...towers].flatMap(floors =>
      floors.map(({ room }, floor) => {
        const below = [...(floors === ground ? [] : ground), ...floors.slice(0, floor)]
        return { name, room, below: below.map(lower => lower.room) }
      }),
    ),
  )
}
