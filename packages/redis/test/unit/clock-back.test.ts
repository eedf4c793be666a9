import { expect, it } from 'vitest'
import { never } from './fake-driver.ts'
import { MADE, reachedProcess } from './process.ts'

it.each([
  [500, 'is as fresh as can be, where that is next to nothing'],
  [3_600_000, 'is given to nobody, where nobody can know its age'],
])('what was stored %i ms from now, by a server whose clock went back, %s', async back => {
  const { driver, tier, timing } = await reachedProcess()
  await tier.set('k', { ...MADE, ttl: 2_000 })
  const [record] = driver.sent.filter((_, index) => driver.calls[index] === 'SET').map(args => args[7])
  driver.replies.set('GET', () => record)
  expect(await tier.read('k')).toBeDefined()
  const listen = driver.replies.get('LISTEN') ?? never
  driver.replies.set('LISTEN', args => {
    const [[seconds], ...rest] = listen(args) as readonly [readonly [number], ...unknown[]]
    const ms = seconds * 1_000 - back
    return [[Math.floor(ms / 1_000), (ms % 1_000) * 1_000], ...rest]
  })
  await timing.pass(1_000)
  expect((await tier.read('k'))?.age).toBe(back < 1_000 ? 0 : undefined)
})
