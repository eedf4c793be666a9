import { Gate } from '@stampede/conformance'
import { describe, expect, it } from 'vitest'
import { FakeDriver, never } from './fake-driver.ts'
import { settled } from './manual-timing.ts'
import { type FakeProcess, fakeProcess, reachedProcess } from './process.ts'

/** The keys in the log, in order. */
function keysIn({ driver }: FakeProcess): readonly unknown[] {
  return driver.log.map(([, text]) => (JSON.parse(text) as { k?: unknown }).k)
}

/** Its server fails over to a log without the last changes of this process, and loading returns only its last entries. */
async function failedOver(made: FakeProcess, lost: string): Promise<void> {
  const { driver, timing } = made
  driver.portion = 2
  const last = driver.log.at(-1)?.[0]
  driver.log = driver.log.filter(([id, text]) => !text.includes(lost) && id !== last)
  const next = Number(last?.split('-')[0]) + 1
  for (let index = 0; index < 3; index += 1) driver.log.push([`${next + index}-0`, '{}'])
  await timing.pass(2_000)
}

describe('changes that a failover lost', () => {
  it('are published again if they are older than the loaded entries, and no others', async () => {
    const made = await reachedProcess()
    for (const key of ['kept', 'lost', 'kept as well']) await made.tier.invalidate([key])
    made.driver.tells({ s: 'f', k: ['end'] })
    await failedOver(made, 'lost')
    const told = [['kept'], ['kept as well'], undefined, undefined, undefined, ['lost']]
    expect(keysIn(made).slice(1)).toEqual(told)
    expect(made.told.filter(said => said === 'flushed')).toHaveLength(1)
    expect(made.fleet.isUsable).toBe(true)
  })

  it('are all published again if they cannot be looked up', async () => {
    const made = await reachedProcess()
    for (const key of ['kept', 'lost']) await made.tier.invalidate([key])
    made.driver.tells({ s: 'f', k: ['end'] })
    made.driver.replies.set('STANDING', () => 'nothing')
    await failedOver(made, 'lost')
    expect(keysIn(made).slice(-1)).toEqual([['kept', 'lost']])
    expect(made.fleet.isUsable).toBe(true)
  })

  it('are not those that were trimmed', async () => {
    const made = await reachedProcess()
    await made.tier.invalidate(['trimmed'])
    made.driver.tells({ s: 'f', k: ['end'] })
    made.driver.log = [
      ['900-0', '{}'],
      ['901-0', '{}'],
    ]
    await made.timing.pass(2_000)
    expect(keysIn(made)).toEqual([undefined, undefined])
  })

  it('are found where another process’s entry has the id', async () => {
    const made = await reachedProcess()
    await made.tier.invalidate(['mine'])
    made.driver.tells({ s: 'f', k: ['end'] })
    made.driver.log = made.driver.log.map(([id, text]) => [id, text.includes('mine') ? '{"i":"another","n":1}' : text])
    await failedOver(made, 'nothing')
    expect(keysIn(made).slice(-1)).toEqual([['mine']])
  })
})

describe('an announcement while the log is loaded', () => {
  it.each([
    ['after it was read', false, ['key meanwhile']],
    ['before', true, []],
  ])('is heard, and is no loss: %s', async (_when, isRead, expected) => {
    const driver = new FakeDriver()
    driver.log = [['1700000000000-0', '{}']]
    const gate = new Gate()
    const load = driver.replies.get('LOAD') ?? never
    driver.replies.set('LOAD', async args => {
      const early = load(args)
      await gate.passed()
      return isRead ? load(args) : early
    })
    const { told } = fakeProcess({}, driver)
    await settled()
    driver.tells({ s: 'f', k: ['meanwhile'] })
    gate.open()
    await settled()
    expect([told, driver.count('LISTEN')]).toEqual([expected, expected.length])
  })
})
