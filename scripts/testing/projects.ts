import type { TestProjectInlineConfiguration } from 'vitest/config'

/**
 * What a run of the tests takes in. `quick`: what `pnpm test` runs. `rest`: all that `quick` leaves out, and nothing that
 * it has. Unset: everything.
 */
export type Scope = 'quick' | 'rest' | undefined

interface Project {
  readonly name: string
  /** Where its tests are. */
  readonly folder: string
  /** Its files in there. Default: all. */
  readonly files?: readonly string[]
  /** Of these, the files that belong to another project. */
  readonly foreign?: readonly string[]
  /** Those that `quick` runs; it leaves the others to `rest`. Default: all. */
  readonly quick?: readonly string[]
  readonly test?: TestProjectInlineConfiguration['test']
  readonly alias?: { readonly find: RegExp; readonly replacement: string }
}

const ALL: readonly string[] = ['**/*.test.ts']
const NONE: readonly string[] = []
/** The adapter that `quick` runs every case on. On the others it runs the chosen ones. */
const REFERENCE = 'fastify'
const adapters: readonly string[] = ['fastify', 'hono', 'koa']
/** The demo's own fleet of real processes. */
const demoFleet: readonly string[] = ['fleet.test.ts']
/** What is done to a fleet of real processes. */
const faults: readonly string[] = ['{faults,long}/*.test.ts']

/** Files share the modules of a worker: to load them anew for each file takes half of the time of these suites. */
const sharing: TestProjectInlineConfiguration['test'] = { pool: 'threads', isolate: false }

/**
 * After all others: these share the processors with many processes of their own. They mostly wait, for leases that end
 * and for servers that come back, so three files at a time leave the processors time to spare.
 */
const last: TestProjectInlineConfiguration['test'] = { maxWorkers: 3, sequence: { groupOrder: 1 } }

const projects: readonly Project[] = [
  { name: 'core', folder: 'packages/core/test', test: sharing },
  ...adapters.map(adapter),
  {
    name: 'redis',
    folder: 'packages/redis/test',
    foreign: faults,
    // One client: the others, Sentinel and clusters are left to `rest`.
    quick: ['ioredis.test.ts', 'unit/*.test.ts'],
    test: { globalSetup: 'packages/redis/test/fleet/setup.ts' },
  },
  {
    name: 'conformance',
    folder: 'packages/conformance/test',
    quick: ['{fake-fleet,fake-stores,gate,test-clock}.test.ts'],
    test: { globalSetup: 'packages/conformance/src/redis/setup.ts' },
  },
  { name: 'scripts', folder: 'scripts/test' },
  {
    name: 'demo',
    folder: 'apps/demo/test',
    foreign: demoFleet,
    quick: ['{documents,readmes,vocabulary}.test.ts'],
    test: { globalSetup: 'apps/demo/test/setup.ts' },
  },
  {
    name: 'bench',
    folder: 'apps/bench/test',
    quick: NONE,
    test: { globalSetup: 'packages/conformance/src/redis/setup.ts' },
  },
  ...adapters.map(lowestFramework),
  {
    name: 'demo-fleet',
    folder: 'apps/demo/test',
    files: demoFleet,
    quick: NONE,
    test: { globalSetup: 'apps/demo/test/setup.ts', ...last },
  },
  {
    name: 'faults',
    folder: 'packages/redis/test',
    files: faults,
    quick: NONE,
    test: {
      globalSetup: 'packages/redis/test/fleet/setup.ts',
      testTimeout: 120_000,
      hookTimeout: 60_000,
      ...last,
    },
  },
]

function adapter(name: string): Project {
  const quick = name === REFERENCE ? ['*.test.ts'] : [`{chosen-cases,${name}}.test.ts`]
  return { name, folder: `packages/${name}/test`, quick, test: sharing }
}

/** All of an adapter's tests once more, on the lowest version that the peer range names. */
function lowestFramework(framework: string): Project {
  return {
    name: `${framework}-lowest`,
    folder: `packages/${framework}/test`,
    // Plugins of today ask for frameworks of today.
    foreign: ['plugins/**'],
    quick: NONE,
    alias: { find: new RegExp(`^${framework}(?=$|/)`), replacement: `${framework}-lowest` },
    test: sharing,
  }
}

/** @throws {Error} where the variable of the environment names no scope */
export function scopeOf(named: string | undefined): Scope {
  if (named === undefined || named === '') return undefined
  if (named === 'quick' || named === 'rest') return named
  throw new Error(`STAMPEDE_TESTS takes quick or rest, not ${named}`)
}

/** The projects of one scope. A project that has nothing to run in it is left out. */
export function projectsOf(scope: Scope): TestProjectInlineConfiguration[] {
  return projects.flatMap(project => {
    const { files = ALL, foreign = [], quick = files } = project
    if (scope === undefined) return [configurationOf(project, files, foreign)]
    if (scope === 'quick') return quick.length === 0 ? [] : [configurationOf(project, quick, foreign)]
    return quick === files ? [] : [configurationOf(project, files, [...foreign, ...quick])]
  })
}

function configurationOf(
  { name, folder, alias, test }: Project,
  include: readonly string[],
  exclude: readonly string[],
): TestProjectInlineConfiguration {
  const within = (globs: readonly string[]): string[] => globs.map(glob => `${folder}/${glob}`)
  return {
    extends: true,
    ...(alias && { resolve: { alias: [alias] } }),
    test: {
      ...test,
      name,
      include: within(include),
      exclude: within(exclude),
    },
  }
}
