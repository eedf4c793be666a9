import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from 'vitest/config'

// Without 'import', which goes without saying: Node would give modules of that kind to `require` too.
const sources = ['@stampede/source', 'module', 'node']
const members = [
  'packages/core',
  'packages/fastify',
  'packages/hono',
  'packages/koa',
  'packages/redis',
  'packages/conformance',
  'apps/bench',
  'apps/demo',
  'scripts',
]
/** The adapters' own tests and all conformance cases run once more on the lowest version that the peer range names. */
const frameworks = ['fastify', 'hono', 'koa']

/** What is to be there before the first test: a real Redis or Valkey, and the program of the processes that share it. */
const setups: Readonly<Record<string, string>> = {
  bench: 'packages/conformance/src/redis/setup.ts',
  conformance: 'packages/conformance/src/redis/setup.ts',
  demo: 'apps/demo/test/setup.ts',
  redis: 'packages/redis/test/fleet/setup.ts',
}
/** These take minutes: see vitest.faults.config.ts. */
const long = ['packages/redis/test/long/**']

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: sources },
  ssr: { resolve: { conditions: sources } },
  test: {
    testTimeout: 20_000,
    allowOnly: false,
    setupFiles: ['packages/conformance/src/no-leaks.ts'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['packages/conformance/**'],
      reporter: ['text-summary', 'json-summary', 'html'],
      reportsDirectory: 'reports/coverage',
      thresholds: { statements: 97, branches: 93, functions: 98, lines: 98 },
    },
    projects: [...members.map(testsOf), ...frameworks.map(testsOnLowest)],
  },
})

function testsOf(member: string): TestProjectInlineConfiguration {
  const name = member.split('/').at(-1) ?? member
  const globalSetup = setups[name] ?? []
  return { extends: true, test: { name, globalSetup, include: [`${member}/test/**/*.test.ts`], exclude: long } }
}

function testsOnLowest(framework: string): TestProjectInlineConfiguration {
  return {
    extends: true,
    resolve: { alias: [{ find: new RegExp(`^${framework}(?=$|/)`), replacement: `${framework}-lowest` }] },
    test: {
      name: `${framework}-lowest`,
      include: [`packages/${framework}/test/**/*.test.ts`],
      // Plugins of today ask for frameworks of today.
      exclude: [`packages/${framework}/test/plugins/**`],
    },
  }
}

export default config
