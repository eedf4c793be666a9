import { storeSuite } from '@stampede/conformance'
import { Redis } from 'iovalkey'
import { mountOver } from './mount.ts'

storeSuite(
  mountOver(port => {
    const client = new Redis({ port, host: '127.0.0.1' })
    return { options: { client }, close: () => client.disconnect() }
  }),
)
