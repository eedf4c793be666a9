import { defineConfig, type ViteUserConfig } from 'vitest/config'

const sources = ['@stampede/source', 'module', 'node']

/** Hono on the runtime's own server: only Bun and Deno have one, and `scripts/runtimes` starts it there. */
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: sources },
  ssr: { resolve: { conditions: sources } },
  test: {
    include: ['packages/hono/test/runtimes/*.runtime.ts'],
    testTimeout: 10_000,
    env: { STAMPEDE_LOAD_TIMEOUT: '30000' },
  },
})

export default config
