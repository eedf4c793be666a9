import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const ROOT = new URL('../../', import.meta.url)
/** What a member may say for itself: where its files are, and what surrounds them. Strictness is the same for all. */
const OWN = ['emitDeclarationOnly', 'lib', 'noEmit', 'outDir', 'rootDir', 'types']

interface Config {
  readonly extends: string
  readonly compilerOptions?: Readonly<Record<string, unknown>>
}

const configs = ['packages', 'apps'].flatMap(group =>
  readdirSync(new URL(group, ROOT)).flatMap(member =>
    readdirSync(new URL(`${group}/${member}`, ROOT))
      .filter(file => /^tsconfig.*\.json$/.test(file))
      .map(file => `${group}/${member}/${file}`),
  ),
)

it('every member has a configuration for the compiler', () => {
  expect(configs.length).toBeGreaterThan(5)
})

it.each(configs)('%s relaxes nothing of what the base demands', file => {
  const config = JSON.parse(readFileSync(new URL(file, ROOT), 'utf8')) as Config
  expect(config.extends).toMatch(/^(\.\.\/\.\.\/tsconfig\.base\.json|\.\/tsconfig\.json)$/)
  expect(OWN).toEqual(expect.arrayContaining(Object.keys(config.compilerOptions ?? {})))
})
