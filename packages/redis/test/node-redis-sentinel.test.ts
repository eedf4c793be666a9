import { storeSuite } from '@stampede/conformance'
import { createSentinel } from 'redis'
import { mountOverSentinel } from './mount.ts'

storeSuite(
  mountOverSentinel(async port => {
    const client = createSentinel({ name: 'mymaster', sentinelRootNodes: [{ host: '127.0.0.1', port }] })
    client.on('error', () => {})
    await client.connect()
    return { options: { client }, close: () => client.destroy() }
  }),
)
