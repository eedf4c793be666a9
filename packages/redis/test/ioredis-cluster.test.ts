import { storeSuite } from '@stampede/conformance'
import { Cluster } from 'ioredis'
import { mountOverCluster } from './mount.ts'

storeSuite(
  mountOverCluster(port => {
    const client = new Cluster([{ port, host: '127.0.0.1' }])
    return { options: { client }, close: () => client.disconnect() }
  }),
)
