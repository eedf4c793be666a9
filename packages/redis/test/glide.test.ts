import { storeSuite } from '@stampede/conformance'
import { expect, it } from 'vitest'
import { redisStore } from '../src/index.ts'
import { endGlide, glideOf } from './glide-clients.ts'
import { mountOver } from './mount.ts'
import { localTier } from './unit/process.ts'
import { useTiers } from './use-tiers.ts'

storeSuite(
  mountOver(async port => {
    const [client, subscriber] = await Promise.all([glideOf(port), glideOf(port)])
    return { options: { client, subscriber }, close: () => endGlide(client, subscriber) }
  }),
)

const { server } = await useTiers()

it('takes more at once than its client does', async () => {
  const client = await glideOf(server.port)
  const told: string[] = []
  const tiers = Array.from({ length: 2 }, () =>
    redisStore({ client, commandTimeout: 10_000 }).join(localTier('f', told)),
  )
  const keys = Array.from({ length: 1_500 }, (_, index) => `key ${index}`)
  const changes = await Promise.all(tiers.flatMap(tier => keys.map(key => tier.invalidate([key]))))
  expect(changes.filter(isTold => !isTold)).toEqual([])
  expect(told.filter(said => said.startsWith('open'))).toEqual([])
  await Promise.all(tiers.map(tier => tier.close()))
  await endGlide(client)
})
