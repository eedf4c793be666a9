// pnpm rooms [package]: the rooms and how they import, as a Mermaid graph. Arrows that follow from others
// are left out.
import { spawnSync } from 'node:child_process'
import { ROOMS } from './rooms.mjs'

const ROOT = new URL('../../', import.meta.url)
const [name = 'core'] = process.argv.slice(2)
const towers = ROOMS[name]
if (towers === undefined) throw new Error(`${name} has no rooms: one of ${Object.keys(ROOMS).join(', ')} has`)
const rooms = towers.flat()

const { stdout, error } = spawnSync(
  'depcruise',
  ['--config', 'scripts/rooms/rules.mjs', '--output-type', 'json', `packages/${name}/src`],
  { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 },
)
if (error !== undefined) throw error
/** @type {{ modules: { source: string, dependencies: { resolved: string }[] }[] }} */
const { modules } = JSON.parse(stdout)

/** @type {Map<string, Set<string>>} */
const imports = new Map(rooms.map(({ room }) => [room, new Set()]))
for (const { source, dependencies } of modules) {
  for (const { resolved } of dependencies) {
    const [from, to] = [roomOf(source), roomOf(resolved)]
    if (to !== undefined && from !== undefined && from !== to) imports.get(from)?.add(to)
  }
}

console.log('graph TD')
for (const { room, holds } of rooms) console.log(`  ${idOf(room)}["<b>${room}</b><br/>${holds}"]`)
for (const [from, all] of imports) {
  for (const to of all) if (!isImplied(from, to)) console.log(`  ${idOf(from)} --> ${idOf(to)}`)
}

/** @param {string} file */
function roomOf(file) {
  const folder = file.startsWith(`packages/${name}/src/`) ? file.slice(`packages/${name}/src/`.length) : undefined
  if (folder === undefined) return undefined
  return folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '.'
}

/** @param {string} from @param {string} to */
function isImplied(from, to) {
  return [...(imports.get(from) ?? [])].some(between => between !== to && reaches(between, to))
}

/** @param {string} from @param {string} to @returns {boolean} */
function reaches(from, to) {
  return from === to || [...(imports.get(from) ?? [])].some(next => reaches(next, to))
}

/** @param {string} room */
function idOf(room) {
  return room === '.' ? 'top' : room.replaceAll('/', '_')
}
