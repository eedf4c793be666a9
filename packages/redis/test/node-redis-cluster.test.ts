import { storeSuite } from '@stampede/conformance'
import { createCluster } from 'redis'
import { mountOverCluster } from './mount.ts'

storeSuite(
  mountOverCluster(async port => {
    const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] })
    client.on('error', () => {})
    await client.connect()
    return { options: { client }, close: () => client.destroy() }
  }),
)
