import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const ROOT = new URL('../../', import.meta.url)

function filesOf(folder: string, pattern: RegExp): readonly string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .map(file => `${folder}/${file}`)
    .filter(file => pattern.test(file) && !/node_modules|\/dist\/|\/test\/fixtures\//.test(file))
}

const everywhere = ['packages', 'apps', 'scripts'].flatMap(folder => filesOf(folder, /\.(ts|mjs|cjs)$/))
const published = ['core', 'fastify', 'hono', 'koa', 'redis'].flatMap(name => filesOf(`packages/${name}/src`, /\.ts$/))
const tests = everywhere.filter(file => file.includes('/test/') || file.startsWith('packages/conformance/src/'))

/** Where one of the words stands that are not to. */
function foundIn(files: readonly string[], words: RegExp): readonly string[] {
  return files
    .filter(file => !file.startsWith('scripts/test/'))
    .flatMap(file => (words.exec(readFileSync(new URL(file, ROOT), 'utf8')) ?? []).map(word => `${file}: ${word}`))
}

describe('the sources', () => {
  it('are found', () => {
    expect([everywhere.length > 150, published.length > 50, tests.length > 50]).toEqual([true, true, true])
  })

  it('switch no rule off', () => {
    expect(foundIn(everywhere, /(oxlint|eslint)-disable|biome-ignore|(v8|c8|istanbul) ignore|Stryker disable/)).toEqual(
      [],
    )
  })

  it('that are published import by static imports alone, and reach for no runtime through another door', () => {
    const doors = /\bimport\(|\brequire\(|createRequire|<reference|globalThis\.(process|Buffer|console|require)/
    expect(foundIn(published, doors)).toEqual([])
  })

  it('of tests run each test, always and once', () => {
    expect(foundIn(tests, /\b(retry|repeats): ?\d|\b(only|skip|todo): ?true|\.skip\(|assertions\(0\)/)).toEqual([])
  })
})
