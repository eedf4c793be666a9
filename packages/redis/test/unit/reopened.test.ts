import { expect, it, onTestFinished } from 'vitest'
import { redisStore } from '../../src/index.ts'
import { awaitClientTimers } from '../client-timers.ts'
import { FakeDriver } from './fake-driver.ts'
import { localTier } from './process.ts'

awaitClientTimers()

it('a store that is used again first publishes earlier changes that could not be published', async () => {
  const driver = new FakeDriver()
  driver.replies.set('INVALIDATE', () => Promise.reject(new Error('ERR no')))
  const store = redisStore({ driver })
  const first = store.join(localTier('f', []))
  expect(await first.invalidate(['key'])).toBe(false)
  await first.close()
  driver.replies.set('INVALIDATE', () => 1)
  const second = store.join(localTier('f', []))
  onTestFinished(() => second.close())
  await second.read('other')
  expect(driver.log.filter(([, text]) => text.includes('"k":["key"]'))).toHaveLength(1)
  expect(driver.calls.lastIndexOf('GET')).toBeGreaterThan(driver.calls.lastIndexOf('LOG'))
})
