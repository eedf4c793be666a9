import { expect, it, onTestFinished } from 'vitest'
import { redisStore } from '../../src/index.ts'
import { awaitClientTimers } from '../client-timers.ts'
import { FakePort } from './fake-driver.ts'
import { localTier } from './process.ts'

awaitClientTimers()

it('a store that is used again tells first what was changed before, and could not be told then', async () => {
  const port = new FakePort()
  port.replies.set('INVALIDATE', () => Promise.reject(new Error('ERR no')))
  const store = redisStore({ port })
  const first = store.join(localTier('f', []))
  expect(await first.invalidate(['key'])).toBe(false)
  await first.close()
  port.replies.set('INVALIDATE', () => 1)
  const second = store.join(localTier('f', []))
  onTestFinished(() => second.close())
  await second.read('other')
  expect(port.log.filter(([, text]) => text.includes('"k":["key"]'))).toHaveLength(1)
  expect(port.calls.lastIndexOf('GET')).toBeGreaterThan(port.calls.lastIndexOf('LOG'))
})
