import { afterEach, describe } from 'vitest'
import type { SetUp } from './adapter-suite.ts'
import { connectionCases } from './hostile/connections.ts'
import { denialCases } from './hostile/denial.ts'
import { fuzzCases } from './hostile/fuzz.ts'
import { loadCases } from './hostile/load.ts'
import { methodCases } from './hostile/methods.ts'
import { parameterCases } from './hostile/parameters.ts'
import { parityCases } from './hostile/parity.ts'
import { reflectedCases } from './hostile/reflected.ts'
import { targetCases } from './hostile/targets.ts'
import { userCases } from './hostile/users.ts'
import type { Mount } from './mount.ts'
import { type Stage, stage } from './stage.ts'

const groups: Readonly<Record<string, (setUp: SetUp) => void>> = {
  'a request header': reflectedCases,
  targets: targetCases,
  parameters: parameterCases,
  users: userCases,
  'denial of a page': denialCases,
  'a connection': connectionCases,
  methods: methodCases,
  'what went wrong elsewhere': parityCases,
  'a load': loadCases,
  'a fuzzer': fuzzCases,
}

/** What an adapter withstands, byte by byte over real sockets. Call it in a test file of the adapter. */
export function hostileSuite(mount: Mount): void {
  const stages: Stage[] = []
  const setUp: SetUp = async scene => {
    const mounted = await stage(mount, scene)
    stages.push(mounted)
    return mounted
  }
  afterEach(async () => {
    for (const mounted of stages.splice(0)) {
      mounted.gate.open()
      await mounted.close()
    }
  })
  for (const [name, cases] of Object.entries(groups)) {
    describe(`${name}:`, () => {
      cases(setUp)
    })
  }
}
