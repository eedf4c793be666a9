import { defineConfig, type ViteUserConfig } from 'vitest/config'

const sources = ['@stampede/source', 'module', 'node', 'import', 'default']
const members = [
  'packages/core',
  'packages/fastify',
  'packages/hono',
  'packages/koa',
  'packages/conformance',
  'apps/bench',
  'apps/demo',
]

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: sources },
  ssr: { resolve: { conditions: sources } },
  test: {
    testTimeout: 20_000,
    projects: members.map(member => ({
      extends: true,
      test: { name: member.split('/').at(-1) ?? member, include: [`${member}/test/**/*.test.ts`] },
    })),
  },
})

export default config
