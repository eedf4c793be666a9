import { storeSuite } from '@stampede/conformance'
import { GlideClient, Logger } from '@valkey/valkey-glide'
import { mountOver } from './mount.ts'

// It tells of each script that the server does not know yet.
Logger.init('off')

storeSuite(
  mountOver(async port => {
    const addresses = [{ host: '127.0.0.1', port }]
    const client = await GlideClient.createClient({ addresses })
    const subscriber = await GlideClient.createClient({ addresses })
    return {
      options: { client, subscriber },
      close: () => {
        client.close()
        subscriber.close()
      },
    }
  }),
)
