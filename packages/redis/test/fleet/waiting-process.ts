import { FakeDriver, never } from '../unit/fake-driver.ts'
import { localTier } from '../unit/process.ts'
import { redisStore } from '../../src/index.ts'

/** Waits for another process, and for a server that does not reply, while nothing else keeps this process from ending. */
const driver = new FakeDriver()
const tier = redisStore({ driver, commandTimeout: 50 }).join(localTier('f', []))
await tier.read('reached')
driver.replies.set('ACQUIRE', () => {
  driver.replies.set('ACQUIRE', () => ['LEASE'])
  return ['WAIT', Buffer.alloc(16, 'a'), 100]
})
const turn = await tier.acquire('key', { timeout: 1_000, wait: 1_000 })
driver.replies.set('GET', never)
const record = await tier.read('key')
// Nothing is closed: what is left keeps no process either.
process.exitCode = turn.kind === 'lead' && record === undefined ? 0 : 1
