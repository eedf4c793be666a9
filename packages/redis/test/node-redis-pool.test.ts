import { storeSuite } from '@stampede/conformance'
import { createClientPool } from 'redis'
import { mountOver } from './mount.ts'

storeSuite(
  mountOver(async port => {
    const client = createClientPool({ url: `redis://127.0.0.1:${port}` }, { minimum: 1, maximum: 5 })
    client.on('error', () => {})
    await client.connect()
    return { options: { client }, close: () => client.close() }
  }),
)
