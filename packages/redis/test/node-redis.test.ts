import { storeSuite } from '@stampede/conformance'
import { createClient } from 'redis'
import { mountOver } from './mount.ts'

storeSuite(
  mountOver(async port => {
    const client = createClient({ url: `redis://127.0.0.1:${port}` })
    client.on('error', () => {})
    await client.connect()
    return { options: { client }, close: () => client.destroy() }
  }),
)
