import { Stampede, type StampedeOptions } from '@stampede/core'
import { HttpStampede } from '@stampede/core/http'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { blocksOf, Examples, letGo, promisedBy, read, serve } from './documents.ts'
import { recipeOf, recipes } from './recipes.ts'

const FRAMEWORKS = ['fastify', 'hono', 'koa']
const examples = new Examples()
afterAll(() => examples.remove())
afterEach(() => {
  vi.restoreAllMocks()
})

/** The names in the first column of the table under this heading cell. */
function optionsIn(readme: string): string[] {
  const lines = read(readme).split('\n')
  const rows = lines.slice(lines.findIndex(line => /^\| option +\|/.test(line)) + 2)
  return rows
    .slice(0, rows.indexOf(''))
    .flatMap(row => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name))
}

/** The names that a constructor takes, as its own error lists them. */
function optionsOf(construct: (options: object) => unknown): string[] {
  try {
    construct({ none: 0 })
  } catch (error) {
    const [, names = ''] = /Known ones: (.*)$/.exec(String(error)) ?? []
    return names.split(', ')
  }
  throw new Error('an unknown option was accepted')
}

describe.each(FRAMEWORKS)('the README of %s', name => {
  const blocks = blocksOf(`packages/${name}/README.md`).filter(({ language }) => language === 'ts')

  it.each(blocks)('does what it says under $heading', async block => {
    const { module, printed } = await examples.run(block.code)
    const promised = promisedBy(block.code)
    expect(printed).toEqual(promised)
    if (promised.length > 0) return letGo(module)
    const recipe = recipeOf(block)
    expect(recipe, 'an example prints what it promises, or has its test in recipes.ts').toBeDefined()
    const { ask, close } = await serve(module)
    await recipe?.(ask, module)
    await close()
    await letGo(module)
  })

  it('shows each recipe', () => {
    const shown = blocks.map(recipeOf).filter(recipe => recipe !== undefined)
    expect(new Set(shown)).toEqual(new Set(Object.values(recipes)))
  })

  it('has the headings of its siblings, in their order', () => {
    const headings = (of: string): string[] => read(`packages/${of}/README.md`).match(/^##+ .*$/gm) ?? []
    expect(headings(name)).toEqual(headings('fastify'))
    expect(headings(name).length).toBeGreaterThan(10)
  })
})

describe('option tables', () => {
  it('of the core name what the constructor takes', () => {
    expect(new Set(optionsIn('packages/core/README.md'))).toEqual(
      new Set(optionsOf(options => new Stampede(options as StampedeOptions))),
    )
  })

  it.each([
    ['fastify', []],
    ['hono', ['base', 'refresh']],
    ['koa', []],
  ])('of %s name what all adapters take, each once, and of its own %j', (name, own) => {
    const common = optionsOf(options => new HttpStampede(options))
    expect(optionsIn(`packages/${name}/README.md`).sort()).toEqual([...common, ...own].sort())
  })
})
