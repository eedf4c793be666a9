import { describe, expect, it } from 'vitest'
import { never } from './fake-driver.ts'
import { reachedProcess } from './process.ts'

describe('a server that answers again', () => {
  it('is used again while there is always one more change to publish', async () => {
    const { driver, tier, timing, told } = await reachedProcess()
    const ping = driver.replies.get('PING') ?? never
    driver.replies.set('PING', never)
    driver.replies.set('INVALIDATE', never)
    for (let count = 0; count < 3; count += 1) void tier.invalidate([`lost ${count}`])
    await timing.pass(300)
    expect(told).toContain('open: timeout')
    const slow = <T>(reply: T) => new Promise<T>(resolve => timing.setTimeout(() => resolve(reply), 5))
    driver.replies.set('PING', ping)
    driver.replies.set('INVALIDATE', () => slow(1))
    const listen = driver.replies.get('LISTEN') ?? never
    driver.replies.set('LISTEN', args => slow(listen(args)))
    const reached: boolean[] = []
    for (let count = 0; count < 2_000; count += 1) {
      void tier.invalidate([`key ${count}`]).then(isTold => reached.push(isTold))
      await timing.pass(1)
    }
    expect(told.filter(said => said.startsWith('closed'))).toHaveLength(1)
    expect(reached.at(-1)).toBe(true)
  })
})
