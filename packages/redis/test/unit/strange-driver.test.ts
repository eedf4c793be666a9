import { describe, expect, it } from 'vitest'
import { FakeDriver } from './fake-driver.ts'
import { settled } from './manual-timing.ts'
import { fakeProcess, MADE, reachedProcess } from './process.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }

const strange: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['an object without a form as text', Object.create(null)],
  ['an error whose message is none', Object.assign(new Error('x'), { message: { code: 1 } })],
  ['an error that throws where it is read', Object.defineProperty(new Error('x'), 'message', { get: fails })],
]

function fails(): never {
  throw new Error('the driver is out of order')
}

describe('a driver of one’s own', () => {
  it.each(strange)('may reject with %s', async (_what, reason) => {
    const { driver, tier } = await reachedProcess()
    driver.replies.set('ACQUIRE', () => Promise.reject(reason))
    expect(await tier.acquire('key', ASKED)).toMatchObject({ kind: 'local' })
  })

  it('may say again and again that there is something, which is none', async () => {
    const { driver, tier } = await reachedProcess()
    driver.replies.set('ACQUIRE', () => ['HIT', Buffer.from('junk')])
    expect(await tier.acquire('key', ASKED)).toEqual({ kind: 'local', reason: 'what is stored is of no use' })
    expect(driver.count('ACQUIRE')).toBe(5)
  })

  it.each([fails, () => 'no function' as unknown as () => void, () => fails])(
    'may do as it likes about telling when it has connected: %#',
    async onReady => {
      const driver = Object.assign(new FakeDriver(), { onReady })
      const { tier } = fakeProcess({}, driver)
      await settled()
      expect(await tier.set('key', MADE)).toBe(true)
      await tier.close()
      expect(driver.isClosed).toBe(true)
    },
  )

  it('may not know whether it listens', async () => {
    const driver = Object.assign(new FakeDriver(), { subReady: fails })
    const { tier, timing } = fakeProcess({}, driver)
    await settled()
    driver.replies.set('ACQUIRE', () => ['WAIT', Buffer.alloc(16, 'a'), 500])
    const turn = tier.acquire('key', ASKED)
    await settled()
    driver.replies.set('ACQUIRE', () => ['LEASE'])
    await timing.pass(100)
    expect((await turn).kind).toBe('lead')
  })
})
