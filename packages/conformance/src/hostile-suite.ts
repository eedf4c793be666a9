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
import { type Groups, suite } from './suite.ts'

const groups: Groups = {
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
  suite(mount, groups)
}
