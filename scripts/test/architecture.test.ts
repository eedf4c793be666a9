import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const ROOT = new URL('../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8')
const document = read('ARCHITECTURE.md')
const ROOMS = JSON.parse(read('scripts/rooms/rooms.json')) as Readonly<
  Record<string, readonly (readonly { readonly room: string; readonly holds: string }[])[]>
>

/** `file`: "name of a test in it" */
const guards = [...document.matchAll(/^ {3,4}- `([^`]+)`: "(.+)"$/gm)].map(([, file = '', test = '']) => ({
  file,
  test,
}))
const section = document.split('## Invariants')[1]?.split('\n## ')[0] ?? ''
const invariants = section.match(/^\d+\. /gm) ?? []

describe('ARCHITECTURE.md', () => {
  it('names a test for each of its invariants', () => {
    expect(invariants).toHaveLength(12)
    expect(section).not.toMatch(/^\d+\. .+\n(?! {3,4}- )/m)
  })

  it.each(guards)('names a test that is there: $file "$test"', ({ file, test }) => {
    expect(read(file)).toContain(test)
  })

  it.each(Object.entries(ROOMS))('has each room of %s in its table, with what it holds', (name, towers) => {
    const [, table = ''] = document.split(`| \`packages/${name}/src\` `)
    const rows = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `(.+)` +\| (.+?) +\|$/gm)]
    expect(rows.map(([, room, holds]) => ({ room, holds }))).toEqual(towers.flat())
  })

  it('stays short', () => {
    expect(Buffer.byteLength(document)).toBeLessThanOrEqual(12 * 1024)
  })
})

describe('SECURITY.md', () => {
  const rows = [...read('SECURITY.md').matchAll(/\| `(\w+\.ts)`: "(.+)" +\|$/gm)]
  const tried = rows.map(([, file = '', test = '']) => ({ file, test }))

  it('names a test for each threat', () => {
    const table = read('SECURITY.md').split('## What is tested')[1]?.split('\n## ')[0] ?? ''
    // Beside the rows there are the head and the rule below it.
    expect(tried).toHaveLength(table.split('\n').filter(line => line.startsWith('|')).length - 2)
  })

  it.each(tried)('names a test that is there: $file "$test"', ({ file, test }) => {
    expect(read(`packages/conformance/src/hostile/${file}`)).toContain(test)
  })
})

describe('the documents', () => {
  const documents = readdirSync(ROOT).filter(file => file.endsWith('.md'))

  it.each(documents)('%s links to nothing that is not there', file => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, target = '']) => target)
    expect(links.filter(target => !existsSync(new URL(target, ROOT)))).toEqual([])
  })
})
