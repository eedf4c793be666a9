import { storeSuite } from '@stampede/conformance'
import { Cluster } from 'ioredis'
import { describe } from 'vitest'
import { mountOverCluster } from './mount.ts'

describe.each([false, true])('with `enableAutoPipelining` %j', enableAutoPipelining => {
  storeSuite(
    mountOverCluster(port => {
      const client = new Cluster([{ port, host: '127.0.0.1' }], { enableAutoPipelining })
      return { options: { client }, close: () => client.disconnect() }
    }),
  )
})
