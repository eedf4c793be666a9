import { storeSuite } from '@stampede/conformance'
import { GlideClient, Logger } from '@valkey/valkey-glide'
import { expect, it } from 'vitest'
import { redisStore } from '../src/index.ts'
import { mountOver } from './mount.ts'
import { localTier } from './unit/process.ts'
import { useTiers } from './use-tiers.ts'

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

const { server } = await useTiers()

it('takes more at once than its client does', async () => {
  const client = await GlideClient.createClient({ addresses: [{ host: '127.0.0.1', port: server.port }] })
  const told: string[] = []
  const tiers = Array.from({ length: 2 }, () => redisStore({ client, timeout: 2_000 }).join(localTier('f', told)))
  const keys = Array.from({ length: 1_500 }, (_, index) => `key ${index}`)
  const changes = await Promise.all(tiers.flatMap(tier => keys.map(key => tier.invalidate([key]))))
  expect(changes.filter(isTold => !isTold)).toEqual([])
  expect(told.filter(said => said.startsWith('open'))).toEqual([])
  await Promise.all(tiers.map(tier => tier.close()))
  client.close()
})
