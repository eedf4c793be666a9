import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const ROOT = new URL('../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8')
const workflows = readdirSync(new URL('.github/workflows/', ROOT)).map(file => `.github/workflows/${file}`)

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>
}

describe('the workflows', () => {
  it('run what every change must pass on each line of Node that is tried', () => {
    const ci = read('.github/workflows/ci.yml')
    const lines = [...read('scripts/runtimes/catalog.mjs').matchAll(/'(\d+)\.\d+\.\d+'/g)].map(([, line]) => line)
    const tried = new Set(lines.filter(line => Number(line) >= 20))
    expect(/node: \[(.+)\]/.exec(ci)?.[1]).toBe([...tried].join(', '))
    expect(ci).toContain('- run: bash .ci/run')
  })

  it('publish only what has passed, and with provenance', () => {
    const release = read('.github/workflows/release.yml')
    expect(release.indexOf('bash .ci/run')).toBeGreaterThan(0)
    expect(release.indexOf('bash .ci/run')).toBeLessThan(release.indexOf('publish:'))
    expect(release).toContain('id-token: write')
  })

  it.each([...workflows, '.ci/run', 'README.md', 'CONTRIBUTING.md', 'AGENTS.md', 'docs/runtimes.md'])(
    '%s names commands that there are, of the one version of pnpm',
    file => {
      const { scripts } = JSON.parse(read('package.json')) as Manifest
      const named = [...read(file).matchAll(/pnpm@([\d.]+) ([\w:]+)/g)]
      const known = new Set([...Object.keys(scripts), 'install'])
      expect(named.map(([, version]) => version)).toEqual(named.map(() => '12.21.0'))
      expect(named.map(([, , command = '']) => command).filter(command => !known.has(command))).toEqual([])
    },
  )
})
