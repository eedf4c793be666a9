import { storeSuite } from '@stampede/conformance'
import { endGlide, glideOfCluster } from './glide-clients.ts'
import { mountOverCluster } from './mount.ts'

storeSuite(
  mountOverCluster(async port => {
    const [client, subscriber] = await Promise.all([glideOfCluster(port), glideOfCluster(port)])
    return { options: { client, subscriber }, close: () => endGlide(client, subscriber) }
  }),
)
