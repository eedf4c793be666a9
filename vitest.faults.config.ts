import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** What is done to a fleet of real processes, all of it: what takes minutes is in packages/redis/test/long. */
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['@stampede/source', 'module', 'node'] },
  ssr: { resolve: { conditions: ['@stampede/source', 'module', 'node'] } },
  test: {
    include: ['packages/redis/test/{faults,long}/*.test.ts'],
    setupFiles: ['packages/conformance/src/no-leaks.ts'],
    globalSetup: ['packages/redis/test/fleet/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // They share the machine's processors with many processes of their own.
    fileParallelism: false,
  },
})

export default config
