import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MOST_FILES = 15
const ROOMS = JSON.parse(readFileSync(join(ROOT, 'scripts/rooms/rooms.json'), 'utf8')) as Readonly<
  Record<string, readonly (readonly { readonly room: string }[])[]>
>

/** Files that break a rule of the rooms, and the rule that must say so. */
const broken: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ['core: base', 'packages/core/src/base/a.ts', '../store/ground.ts'],
  ['core: http/rfc', 'packages/core/src/http/rfc/a.ts', '../request/ground.ts'],
  ['core: http/flight', 'packages/core/src/http/flight/a.ts', '../../functions/ground.ts'],
  ['core: functions', 'packages/core/src/functions/a.ts', '../http/rfc/ground.ts'],
  ['core: functions', 'packages/core/src/functions/b.ts', '../ground.ts'],
  ['redis: protocol', 'packages/redis/src/protocol/a.ts', '../changes/ground.ts'],
  ['sources stay in their package', 'packages/core/src/b.ts', '../../hono/src/ground.ts'],
  ['sources stay in their package', 'packages/koa/src/a.ts', '../../fastify/src/ground.ts'],
  ['no circles', 'apps/demo/src/a.ts', './b.ts'],
]
const GROUND = 'export type Ground = 1\n'
const KEPT = 'packages/core/src/http/flight/kept.ts'

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[]
  }
}

const project = mkdtempSync(join(tmpdir(), 'stampede-rooms-'))
let found: readonly string[] = []

function write(file: string, code: string): void {
  mkdirSync(join(project, dirname(file)), { recursive: true })
  writeFileSync(join(project, file), code)
}

beforeAll(() => {
  for (const [, file, imported] of broken) {
    write(file, `import type { Ground } from '${imported}'\nexport type Same = Ground\n`)
    const target = join(dirname(file), imported)
    if (target.endsWith('ground.ts')) write(target, GROUND)
  }
  write('apps/demo/src/b.ts', "import type { Same } from './a.ts'\nexport type Ground = Same\n")
  write(KEPT, "import type { Ground } from '../rfc/ground.ts'\nexport type Same = Ground\n")
  write('packages/core/src/http/rfc/ground.ts', GROUND)
  const depcruise = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const rules = join(ROOT, 'scripts/rooms/rules.mjs')
  const { stdout } = spawnSync(
    process.execPath,
    [depcruise, '--config', rules, '--output-type', 'json', 'packages', 'apps'],
    { cwd: project, encoding: 'utf8' },
  )
  const { summary } = JSON.parse(stdout) as Report
  found = summary.violations.map(({ from, rule }) => `${rule.name} | ${from}`)
})

afterAll(() => {
  rmSync(project, { recursive: true })
})

describe('the rules of the rooms', () => {
  it.each(broken)('report %s: %s', (rule, file) => {
    expect(found).toContain(`${rule} | ${file}`)
  })

  it('report nothing of a file that imports downwards', () => {
    expect(found.filter(violation => violation.endsWith(KEPT))).toEqual([])
  })
})

describe.each(Object.entries(ROOMS))('the rooms of %s', (name, towers) => {
  const source = new URL(`../../packages/${name}/src/`, import.meta.url)
  const folders = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath }) => parentPath.slice(fileURLToPath(source).length) || '.')

  it('are all folders that hold files', () => {
    expect(new Set(folders)).toEqual(new Set(towers.flat().map(({ room }) => room)))
  })

  it(`hold ${MOST_FILES} files at most`, () => {
    const crowded = towers.flat().filter(({ room }) => folders.filter(folder => folder === room).length > MOST_FILES)
    expect(crowded).toEqual([])
  })
})
