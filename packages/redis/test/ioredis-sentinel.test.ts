import { storeSuite } from '@stampede/conformance'
import { Redis } from 'ioredis'
import { mountOverSentinel } from './mount.ts'

storeSuite(
  mountOverSentinel(port => {
    const client = new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: 'mymaster' })
    return { options: { client }, close: () => client.disconnect() }
  }),
)
