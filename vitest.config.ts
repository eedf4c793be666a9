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

/** Their tests run against a real Redis or Valkey. */
const needServer = ['conformance', 'redis']

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
  const globalSetup = needServer.includes(name) ? ['packages/conformance/src/redis/setup.ts'] : []
  return { extends: true, test: { name, globalSetup, include: [`${member}/test/**/*.test.ts`] } }
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
