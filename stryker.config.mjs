/** Mutation tests of the core by its own tests. `pnpm mutation`; the report is reports/mutation/index.html. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  mutate: ['packages/core/src/**/*.ts'],
  ignorePatterns: ['apps', 'docs', 'reports', 'scripts', 'packages/*/dist', 'packages/{fastify,hono,koa,redis}'],
  // There is no such file on purpose: to rewrite the real one, Stryker would need an API that TypeScript 7 does not have.
  tsconfigFile: 'tsconfig.none.json',
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 4_000,
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
  htmlReporter: { fileName: 'reports/mutation/index.html' },
  jsonReporter: { fileName: 'reports/mutation/mutation.json' },
  thresholds: { high: 90, low: 85, break: 80 },
  tempDirName: 'reports/.stryker',
}
