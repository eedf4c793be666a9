import { describe, expect, it } from 'vitest'
import { CacheStore } from '../../src/cache-store.ts'
import { fakeProcess, localTier, MADE, reachedProcess } from './process.ts'
import { FakeDriver, never } from './fake-driver.ts'
import { settled } from './manual-timing.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }

function refusing(message: string): () => never {
  return () => {
    throw new Error(message)
  }
}

/** Three commands in a row that take too long. */
async function opened(made: Awaited<ReturnType<typeof reachedProcess>>): Promise<void> {
  made.driver.replies.set('GET', never)
  const reads = [1, 2, 3].map(() => made.tier.read('key'))
  await made.timing.pass(150)
  await Promise.all(reads)
}

/** The keys in the log, in order. */
function keysIn({ log }: FakeDriver): readonly string[] {
  return [...new Set(log.flatMap(([, text]) => (JSON.parse(text) as { readonly k?: readonly string[] }).k ?? []))]
}

describe('the start', () => {
  it('holds the first callers until the server was reached', async () => {
    const driver = new FakeDriver()
    driver.isReady = false
    const { tier, timing, told } = fakeProcess({}, driver)
    const turn = tier.acquire('key', ASKED)
    await timing.pass(200)
    expect(driver.calls).toEqual([])
    driver.connect()
    expect((await turn).kind).toBe('lead')
    expect(told).toEqual([])
  })

  it('lets them go on where it was not reached in three time limits of a command', async () => {
    const driver = new FakeDriver()
    driver.isReady = false
    const { tier, timing, told } = fakeProcess({}, driver)
    const [read, turn] = [tier.read('key'), tier.acquire('key', ASKED)]
    await timing.pass(350)
    expect([await read, await turn]).toEqual([undefined, { kind: 'local', reason: 'the store does not answer' }])
    expect(told).toEqual(['open: the server was not reached yet', 'degrade key: the store does not answer'])
    driver.connect()
    await settled()
    expect((await tier.acquire('key', ASKED)).kind).toBe('lead')
    expect(told.slice(2)).toEqual(['all', 'flushed', 'closed: start'])
  })

  it('probes again at once if the client connects during a probe', async () => {
    const driver = new FakeDriver()
    driver.replies.set('PING', never)
    const { timing, tier } = fakeProcess({}, driver)
    await timing.pass(50)
    driver.replies.set('PING', () => 'PONG')
    driver.connect()
    await timing.pass(70)
    expect((await tier.acquire('key', ASKED)).kind).toBe('lead')
  })
})

describe('the breaker', () => {
  it('opens after three failures in a row, and nothing is asked from then on', async () => {
    const made = await reachedProcess()
    made.driver.replies.set('GET', never)
    const reads = [1, 2].map(() => made.tier.read('key'))
    await made.timing.pass(150)
    await Promise.all(reads)
    made.driver.replies.set('GET', () => null)
    await made.tier.read('key')
    await opened(made)
    expect(made.told).toEqual(['open: timeout'])
    const { length } = made.driver.calls
    expect(await made.tier.read('key')).toBeUndefined()
    expect((await made.tier.acquire('key', ASKED)).kind).toBe('local')
    expect(made.driver.calls).toHaveLength(length)
  })

  it('closes when the server answers, after the log was read', async () => {
    const made = await reachedProcess()
    await opened(made)
    made.driver.tells({ s: 'f', k: ['missed'] }, true)
    await made.timing.pass(250)
    expect(made.told).toEqual(['open: timeout', 'key missed', 'resync', 'closed: timeout'])
  })

  it('waits longer and longer for a server that does not', async () => {
    const made = await reachedProcess()
    made.timing.drawn = 0.999
    made.driver.replies.set('PING', never)
    await opened(made)
    const pings = (): number => made.driver.count('PING')
    const before = pings()
    await made.timing.pass(2_000)
    expect(pings() - before).toBe(3)
    await made.timing.pass(60_000)
    expect(pings() - before).toBeLessThan(20)
    expect(pings() - before).toBeGreaterThan(10)
  })

  it('ends all waits for a reply when it opens', async () => {
    const made = await reachedProcess()
    made.driver.replies.set('GET', never)
    made.driver.replies.set('ACQUIRE', never)
    const reads = [1, 2, 3].map(() => made.tier.read('key'))
    await made.timing.pass(80)
    const turn = made.tier.acquire('key', ASKED)
    await made.timing.pass(50)
    expect([await Promise.all(reads), (await turn).kind]).toEqual([[undefined, undefined, undefined], 'local'])
  })

  it('sends all waiting callers to their own work when it opens', async () => {
    const made = await reachedProcess()
    made.driver.replies.set('ACQUIRE', () => ['WAIT', Buffer.from('a'.repeat(16)), 60_000])
    const turn = made.tier.acquire('key', ASKED)
    await settled()
    made.driver.replies.set('ACQUIRE', never)
    await opened(made)
    expect((await turn).kind).toBe('local')
    expect(made.fleet.waiters.size).toBe(0)
  })

  it('does not open for what a server refuses of one command', async () => {
    const made = await reachedProcess()
    for (const error of ['OOM command not allowed', 'READONLY You can’t', 'WRONGTYPE Operation', 'ERR what']) {
      made.driver.replies.set('ACQUIRE', refusing(error))
      for (let time = 0; time < 5; time += 1) {
        expect(await made.tier.acquire('key', ASKED)).toEqual({ kind: 'local', reason: error.split(' ')[0] })
      }
    }
    expect(made.told.filter(said => said.startsWith('open'))).toEqual([])
  })

  it.each(['LOADING Redis is loading', 'BUSY a script', 'CLUSTERDOWN no', 'the connection is closed', 'NOPERM no'])(
    'opens for a server that serves nobody: %s',
    async error => {
      const made = await reachedProcess()
      made.driver.replies.set('ACQUIRE', refusing(error))
      for (let time = 0; time < 3; time += 1) await made.tier.acquire('key', ASKED)
      expect(made.told.some(said => said.startsWith('open'))).toBe(true)
    },
  )

  it('does not open in a stall of this process', async () => {
    const made = await reachedProcess()
    made.driver.replies.set('GET', never)
    void made.tier.read('key')
    void made.tier.read('key')
    void made.tier.read('key')
    await settled()
    for (let time = 0; time < 3; time += 1) made.timing.stall(5_000)
    await settled()
    expect(made.told).toEqual([])
  })
})

describe('changes', () => {
  it('that cannot be published wait, and are published before anything is read again', async () => {
    const made = await reachedProcess()
    await opened(made)
    expect(await made.tier.invalidate(['a'])).toBe(false)
    expect(await made.tier.invalidateTags(['t'])).toBe(false)
    const from = made.driver.calls.length
    await made.timing.pass(250)
    expect(made.driver.calls.slice(from)).toEqual(['PING', 'INVALIDATE', 'LOG', 'LOG', 'LISTEN'])
    expect(made.fleet.changes.outbox.isEmpty).toBe(true)
  })

  it('that fail are published once the server accepts them, and nothing is read before', async () => {
    const made = await reachedProcess()
    const write = made.driver.replies.get('LOG') ?? never
    made.driver.replies.set('LOG', refusing('OOM no'))
    expect(await made.tier.invalidate(['a'])).toBe(false)
    expect(made.told).toEqual(['open: a change could not be told'])
    await made.timing.pass(1_000)
    expect(made.fleet.isUsable).toBe(false)
    made.driver.replies.set('LOG', write)
    await made.timing.pass(5_000)
    expect(made.fleet.isUsable).toBe(true)
  })

  it('of a shard that is away keep those of others from nothing', async () => {
    const made = await reachedProcess()
    let isAway = true
    made.driver.replies.set('INVALIDATE', ([, , , record]) => {
      if (isAway && String(record).includes('away')) throw new Error('ERR no connection')
      return 1
    })
    expect(await made.tier.invalidate(['away', 'near'])).toBe(false)
    await made.timing.pass(1_000)
    expect(await made.tier.invalidateTags(['t'])).toBe(true)
    expect(await made.tier.invalidate(['next'])).toBe(true)
    expect(keysIn(made.driver)).toEqual(['near', 'next'])
    expect(made.fleet.isUsable).toBe(false)
    isAway = false
    await made.timing.pass(5_000)
    expect(keysIn(made.driver)).toEqual(['near', 'next', 'away'])
    expect(made.fleet.isUsable).toBe(true)
  })

  it('of a closed cache are discarded', async () => {
    const made = await reachedProcess()
    const closed = new CacheStore(made.fleet, localTier('f', made.told), async () => {})
    await closed.close()
    expect([await closed.clear(), await closed.invalidate(['a']), await closed.set('b', MADE)]).toEqual([
      false,
      false,
      false,
    ])
    await made.timing.pass(2_000)
    expect(made.told).toEqual([])
    expect(made.driver.count('LOG')).toBe(0)
  })

  it('in progress make stored records unusable, and block leases', async () => {
    const made = await reachedProcess()
    made.driver.replies.set('INVALIDATE', never)
    const change = made.tier.invalidate(['key'])
    await settled()
    const { length } = made.driver.calls
    expect(await made.tier.read('key')).toBeUndefined()
    const turn = made.tier.acquire('key', ASKED)
    await settled()
    expect(made.driver.calls).toHaveLength(length)
    expect((await made.tier.acquire('other', ASKED)).kind).toBe('lead')
    await made.timing.pass(150)
    expect([await change, (await turn).kind]).toEqual([false, 'local'])
  })

  it('that a failover lost are published again, once, and no others', async () => {
    const made = await reachedProcess()
    await made.tier.invalidate(['kept'])
    const kept = [...made.driver.log]
    await made.tier.invalidate(['lost'])
    await made.tier.invalidateTags(['t'])
    made.driver.log = [...kept]
    const before = made.driver.count('LOG')
    await made.timing.pass(2_000)
    expect(made.told.filter(said => said === 'flushed')).toHaveLength(1)
    expect(made.driver.log.slice(kept.length).map(([, text]) => JSON.parse(text) as object)).toEqual([
      expect.objectContaining({ s: 'f', k: ['lost'] }),
      expect.objectContaining({ s: 'f', t: ['t'] }),
    ])
    expect(made.driver.count('LOG') - before).toBe(2)
  })
})
