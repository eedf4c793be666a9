import { storeSuite } from '@stampede/conformance'
import ioredis from 'ioredis-lowest'
import { mountOver } from './mount.ts'

storeSuite(
  mountOver(port => {
    const client = new ioredis.default({ port, host: '127.0.0.1' })
    return { options: { client }, close: () => client.disconnect() }
  }),
)
