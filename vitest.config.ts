import { availableParallelism } from 'node:os'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { ProgressReporter } from './scripts/testing/progress-reporter.ts'
import { projectsOf, type Scope, scopeOf } from './scripts/testing/projects.ts'

// Without 'import', which goes without saying: Node would give modules of that kind to `require` too.
const sources = ['@stampede/source', 'module', 'node']
const scope = scopeOf(process.env['STAMPEDE_TESTS'])

const MEASURED = { include: ['packages/*/src/**/*.ts'], exclude: ['packages/conformance/**'] }

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: sources },
  ssr: { resolve: { conditions: sources } },
  test: {
    // A busy machine may take its time: these only end what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    allowOnly: false,
    // By default one processor is left to the main process, which needs little of it: half of a machine that has two.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    setupFiles: ['packages/conformance/src/no-leaks.ts'],
    projects: projectsOf(scope),
    ...(scope === undefined ? whole() : partOf(scope)),
  },
})

function whole(): ViteUserConfig['test'] {
  return {
    coverage: {
      provider: 'v8',
      ...MEASURED,
      reporter: ['text-summary', 'json-summary', 'html'],
      reportsDirectory: 'reports/coverage',
      thresholds: { statements: 97, branches: 93, functions: 98, lines: 98 },
    },
  }
}

/** What one part of the tests covers is judged with what the other does: each leaves a blob to merge. */
function partOf(part: NonNullable<Scope>): ViteUserConfig['test'] {
  const covers = process.env['STAMPEDE_COVERAGE'] === '1'
  return {
    reporters: [new ProgressReporter(part), ...(covers ? ['blob'] : [])],
    outputFile: { blob: `reports/blobs/${part}.json` },
    coverage: {
      provider: 'v8',
      ...MEASURED,
      enabled: covers,
      reporter: [],
      reportsDirectory: `reports/coverage-${part}`,
    },
    silent: 'passed-only',
  }
}

export default config
