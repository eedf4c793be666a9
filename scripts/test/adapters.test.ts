import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const ROOT = new URL('../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8')
const adapters = readdirSync(new URL('packages/', ROOT)).filter(
  name => !['core', 'conformance', 'redis'].includes(name),
)

it('there are adapters', () => {
  expect(adapters).toEqual(expect.arrayContaining(['fastify', 'hono', 'koa']))
})

it.each(adapters)('%s is tested on both ends of its range, may import no other, and has a budget', name => {
  expect(read('scripts/testing/projects.ts')).toMatch(new RegExp(`adapters: readonly string\\[\\] = \\[.*'${name}'`))
  expect(read('pnpm-workspace.yaml')).toContain(`  ${name}-lowest: npm:${name}@`)
  expect(read('.oxlintrc.json')).toContain(`packages/${name}/src/**`)
  expect(read('.size-limit.json')).toContain(`packages/${name}/dist/index.js`)
})

it.each(adapters)('%s says in the first screen of its README what keeps private pages private', name => {
  const screen = read(`packages/${name}/README.md`).split('\n').slice(0, 40).join('\n')
  expect(screen).toMatch(/a hit must never jump over authentication/)
  expect(screen).toMatch(/a page that embeds a session's token \(CSRF\) must say `private`/)
})
