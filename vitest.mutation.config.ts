import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The core's own tests alone: what only an adapter's tests would notice counts as not noticed. */
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['@stampede/source', 'module', 'node', 'import', 'default'] },
  test: { include: ['packages/core/test/**/*.test.ts'], testTimeout: 4_000 },
})

export default config
