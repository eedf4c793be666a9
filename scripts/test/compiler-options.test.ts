import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const ROOT = new URL('../../', import.meta.url)
/** What a member may say for itself: where its files are, and what surrounds them. Strictness is the same for all. */
const OWN = ['emitDeclarationOnly', 'lib', 'noEmit', 'outDir', 'rootDir', 'types']

interface Config {
  readonly extends?: string
  readonly compilerOptions?: Readonly<Record<string, unknown>>
}

const members = ['packages', 'apps'].flatMap(group =>
  readdirSync(new URL(group, ROOT)).flatMap(member =>
    readdirSync(new URL(`${group}/${member}`, ROOT))
      .filter(file => /^tsconfig.*\.json$/.test(file))
      .map(file => `${group}/${member}/${file}`),
  ),
)
const configs = ['tsconfig.json', ...members]

it('the base demands all that there is to demand', () => {
  const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.base.json', ROOT), 'utf8')) as Config
  expect(compilerOptions).toMatchObject({
    strict: true,
    allowUnreachableCode: false,
    allowUnusedLabels: false,
    erasableSyntaxOnly: true,
    exactOptionalPropertyTypes: true,
    isolatedDeclarations: true,
    isolatedModules: true,
    noFallthroughCasesInSwitch: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noPropertyAccessFromIndexSignature: true,
    noUncheckedIndexedAccess: true,
    noUncheckedSideEffectImports: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
  })
})

it('every member has a configuration for the compiler', () => {
  expect(configs.length).toBeGreaterThan(5)
})

it.each(configs)('%s relaxes nothing of what the base demands', file => {
  const config = JSON.parse(readFileSync(new URL(file, ROOT), 'utf8')) as Config
  expect(config.extends).toMatch(/^(\.\.\/\.\.\/tsconfig\.base\.json|\.\/tsconfig(\.base)?\.json)$/)
  expect(OWN).toEqual(expect.arrayContaining(Object.keys(config.compilerOptions ?? {})))
})
