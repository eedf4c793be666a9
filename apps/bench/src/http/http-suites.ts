import { burstLines, burstTable } from './burst.ts'
import { lanesOf } from './http-lanes.ts'
import { releaseLines, releaseTable } from './release.ts'
import type { ShownSuite } from '../shown-suite.ts'
import { FRAMEWORKS } from './served.ts'
import { sampled, throughputResult } from './throughput.ts'
import { throughputTable } from './throughput-table.ts'

const SIZES = [
  { label: '1k', bytes: 2 ** 10, hasJson: true },
  { label: '100k', bytes: 100 * 2 ** 10, hasJson: false },
  { label: '1m', bytes: 2 ** 20, hasJson: false },
]
const WAITERS = 10_000
/** Rounds of those that take seconds for each. */
const FEW = 5

const throughput: readonly ShownSuite[] = SIZES.flatMap(({ label, bytes, hasJson }) =>
  FRAMEWORKS.map(framework => ({
    name: `${framework}-${label}`,
    async run(measuring) {
      const lanes = lanesOf(framework, bytes, hasJson)
      const about = { name: `${framework}-${label}`, about: `warm answers of ${bytes} bytes` }
      const result = throughputResult(about, lanes, await sampled(lanes, measuring))
      return { text: throughputTable(result), result }
    },
  })),
)

const burst: ShownSuite = {
  name: 'burst',
  async run({ rounds, seed }) {
    const lines = await burstLines({ rounds: Math.min(rounds, FEW), seed })
    return { text: burstTable(lines), result: { name: 'burst', lines } }
  },
}

const release: ShownSuite = {
  name: 'release',
  async run({ rounds }) {
    const lines = await releaseLines(WAITERS, Math.min(rounds, FEW))
    return { text: releaseTable(lines), result: { name: 'release', lines } }
  },
}

/** Every suite, in the order in which they run. */
export const httpSuites: readonly ShownSuite[] = [...throughput, burst, release]
