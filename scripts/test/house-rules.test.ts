import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CLEAN = 'packages/core/src/clean.ts'
const LINES = Array.from({ length: 60 }, (_, line) => `  f(${line})\n`).join('')

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[]
}

/** A file that breaks a rule of the house, and the rule of the linter that must say so. */
const broken: readonly (readonly [rule: string, file: string, code: string])[] = [
  ['typescript(no-floating-promises)', 'packages/core/src/a.ts', 'export function a() { Promise.resolve(1) }'],
  ['typescript(no-explicit-any)', 'packages/core/src/b.ts', 'export const b = (c: any): unknown => c'],
  ['typescript(no-non-null-assertion)', 'packages/koa/src/c.ts', 'export const c = (d?: string): string => d!'],
  ['eslint(no-console)', 'packages/hono/src/d.ts', "console.log('d')"],
  ['import(no-nodejs-modules)', 'packages/core/src/e.ts', "export { join } from 'node:path'"],
  ['eslint(no-restricted-imports)', 'packages/core/src/f.ts', "import { Hono } from 'hono'\nnew Hono()"],
  ['eslint(no-restricted-globals)', 'packages/core/src/g.ts', 'export const g: unknown = process.env'],
  ['eslint(no-restricted-imports)', 'packages/koa/src/h.ts', "import { serve } from '@hono/node-server'\nserve()"],
  ['eslint(no-restricted-imports)', 'packages/fastify/src/i.ts', "import { x } from '@stampede/hono'\nx()"],
  ['eslint(no-restricted-imports)', 'packages/redis/src/clients/jj.ts', "import { Redis } from 'ioredis'\nnew Redis()"],
  ['eslint(no-restricted-imports)', 'packages/hono/src/j.ts', "import { x } from 'node:http'\nx()"],
  ['eslint(max-lines-per-function)', 'apps/demo/src/k.ts', `export function k(f: (n: number) => void) {\n${LINES}}`],
  ['eslint(max-lines)', 'apps/demo/src/l.ts', 'export {}\n'.padEnd(300, '\n')],
  [
    'eslint(max-params)',
    'packages/core/src/m.ts',
    'export function m(a = 1, b = 1, c = 1, d = 1, e = 1) { return a + b + c + d + e }',
  ],
  ['eslint(no-restricted-globals)', 'packages/core/test/n.test.ts', 'await new Promise(wake => setTimeout(wake, 50))'],
  [
    'vitest(no-disabled-tests)',
    'packages/core/test/o.test.ts',
    "import { it, expect } from 'vitest'\nit.skip('o', () => expect(1).toBe(1))",
  ],
  ['vitest(expect-expect)', 'packages/core/test/p.test.ts', "import { it } from 'vitest'\nit('p', () => {})"],
]

const more: typeof broken = [
  [
    'eslint(complexity)',
    'apps/demo/src/q.ts',
    `export const q = (n: number) => ${Array.from({ length: 12 }, (_, n) => `n === ${n} ? ${n} : `).join('')}0`,
  ],
  [
    'eslint(max-depth)',
    'apps/demo/src/r.ts',
    'export function r(a = 1) { if (a) { if (a) { if (a) { if (a) r() } } } }',
  ],
  ['import(no-cycle)', 'apps/demo/src/s.ts', "export * from './t.ts'"],
  ['import(no-cycle)', 'apps/demo/src/t.ts', "export * from './s.ts'"],
  ['import(no-cycle)', 'apps/demo/src/y.ts', "import type { U } from './yy.ts'\nexport type Y = U"],
  ['import(no-cycle)', 'apps/demo/src/yy.ts', "import type { Y } from './y.ts'\nexport type U = Y | 1"],
  ['typescript(no-misused-promises)', 'apps/demo/src/u.ts', '[1].forEach(async () => {})'],
  ['typescript(ban-ts-comment)', 'packages/core/src/v.ts', '// @ts-nocheck\nexport const v = 1'],
  ['typescript(ban-ts-comment)', 'packages/core/src/w.ts', '// @ts-ignore\nexport const w = 1'],
  ['eslint(no-restricted-imports)', 'packages/koa/src/x.ts', "export { x } from '../../fastify/src/request.ts'"],
  ['eslint(no-restricted-globals)', 'packages/hono/src/z.ts', 'export const z: unknown = process.env'],
  [
    'eslint(no-restricted-properties)',
    'packages/core/test/aa.test.ts',
    "import { vi } from 'vitest'\nawait vi.waitFor(() => {})",
  ],
  ['eslint(no-restricted-properties)', 'packages/core/test/bb.test.ts', 'globalThis.setTimeout(() => {}, 5)'],
]
const all = [...broken, ...more]

const project = mkdtempSync(join(tmpdir(), 'stampede-rules-'))
let found: readonly string[] = []

beforeAll(() => {
  cpSync(join(ROOT, '.oxlintrc.json'), join(project, '.oxlintrc.json'))
  writeFileSync(join(project, 'tsconfig.json'), '{ "compilerOptions": { "strict": true, "module": "nodenext" } }')
  for (const [, file, code] of all) {
    mkdirSync(join(project, dirname(file)), { recursive: true })
    writeFileSync(join(project, file), code)
  }
  writeFileSync(join(project, CLEAN), 'export const clean = (b: string): string => b')
  const oxlint = join(ROOT, 'node_modules/oxlint/bin/oxlint')
  const { stdout } = spawnSync(process.execPath, [oxlint, '--type-aware', '--format', 'json'], {
    cwd: project,
    encoding: 'utf8',
  })
  const { diagnostics } = JSON.parse(stdout) as Report
  found = diagnostics.map(({ code, filename }) => `${code} ${filename}`)
})

afterAll(() => {
  rmSync(project, { recursive: true })
})

it.each(all)('%s is said of %s', (rule, file) => {
  expect(found).toContain(`${rule} ${file}`)
})

it('nothing is said of a file that keeps the rules', () => {
  expect(found.filter(said => said.endsWith(CLEAN))).toEqual([])
})
