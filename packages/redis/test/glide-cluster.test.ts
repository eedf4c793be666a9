import { storeSuite } from '@stampede/conformance'
import { GlideClusterClient, Logger } from '@valkey/valkey-glide'
import { mountOverCluster } from './mount.ts'

// It tells of each script that the server does not know yet.
Logger.init('off')

storeSuite(
  mountOverCluster(async port => {
    const addresses = [{ host: '127.0.0.1', port }]
    const client = await GlideClusterClient.createClient({ addresses })
    const subscriber = await GlideClusterClient.createClient({ addresses })
    return {
      options: { client, subscriber },
      close: () => {
        client.close()
        subscriber.close()
      },
    }
  }),
)
