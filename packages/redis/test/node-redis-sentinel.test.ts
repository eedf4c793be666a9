import { storeSuite } from '@stampede/conformance'
import { createSentinel } from 'redis'
import { afterAll } from 'vitest'
import { mountOverSentinel } from './mount.ts'

type Client = Awaited<ReturnType<typeof connected>>

/** These take a third of a second to connect, so that those of one case serve the next one too. */
const all: Client[] = []
const free: Client[] = []

async function connected(port: number) {
  const client = createSentinel({ name: 'mymaster', sentinelRootNodes: [{ host: '127.0.0.1', port }] })
  client.on('error', () => {})
  return client.connect()
}

async function another(port: number): Promise<Client> {
  const client = await connected(port)
  all.push(client)
  return client
}

storeSuite(
  mountOverSentinel(async port => {
    const client = free.pop() ?? (await another(port))
    return { options: { client }, close: () => free.push(client) }
  }),
)

afterAll(async () => {
  await Promise.all(all.map(client => client.destroy()))
})
