import { expect, it } from 'vitest'
import { at, record, type SetUpStores, text, told } from '../store-stage.ts'

const ASKED = { timeout: 60_000, wait: 60_000 }

class OriginError extends Error {
  override name = 'OriginError'
  readonly code = 'E_ORIGIN'
  readonly status = 503
}

export function outcomeCases(setUp: SetUpStores): void {
  it('hands waiting processes the error, with its name, message, code and status, and stores nothing', async () => {
    const { processes, comes, lead, wait } = await setUp()
    const row = await processes(4)
    const lease = await lead(at(row, 0), 'key')
    const waiting = await Promise.all(row.slice(1).map(of => wait(of, 'key')))
    lease.fail(new OriginError('the origin is “down”\n'))
    for (const { turn } of waiting) {
      const failed = await comes(turn)
      expect(failed.kind === 'fail' && failed.error).toBeInstanceOf(Error)
      expect(failed).toMatchObject({
        kind: 'fail',
        error: { name: 'OriginError', message: 'the origin is “down”\n', code: 'E_ORIGIN', status: 503 },
      })
    }
    const next = await lead(at(row, 3), 'key')
    expect(await next.commit(record())).toBe('stored')
  })

  it.each([
    ['nothing', undefined],
    ['a text', 'no'],
    ['what cannot be written', { self: 1n }],
    ['an error that throws where it is read', hostileError()],
  ])('ends the wait where it fails with %s', async (_name, reason) => {
    const { processes, comes, lead, wait } = await setUp()
    const row = await processes(2)
    const lease = await lead(at(row, 0), 'key')
    const { turn } = await wait(at(row, 1), 'key')
    lease.fail(reason)
    expect(await comes(turn)).toMatchObject({ kind: 'fail' })
  })

  it('leaves the record if the work for the next one fails', async () => {
    const { processes, lead, wait, comes } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    await a.tier.set('key', record({ body: 'old', staleIfError: 60_000 }))
    const old = await a.tier.read('key')
    const lease = await lead(a, 'key', { reject: old?.version })
    const { turn } = await wait(b, 'key', { reject: old?.version })
    lease.fail(new Error('no'))
    expect(told(await comes(turn))).toBe('fail')
    expect(text(await b.tier.read('key'))).toBe('old')
  })

  it.each(['caller', 'process'] as const)(
    'sends all who wait to their own work, each %s, where nothing is to be shared, and nobody waits from then on',
    async each => {
      const { processes, comes, lead, wait } = await setUp()
      const row = await processes(4)
      const lease = await lead(at(row, 0), 'key')
      const waiting = await Promise.all(row.slice(1).map(of => wait(of, 'key')))
      lease.pass(60_000, each)
      for (const { turn } of waiting) expect(await comes(turn)).toEqual({ kind: 'pass', each })
      for (const { tier } of row) {
        expect(await tier.read('key')).toBeUndefined()
        expect(await tier.acquire('key', ASKED)).toEqual({ kind: 'pass', each })
        expect(await tier.acquire('key', { ...ASKED, reject: 'any', wait: 0 })).toEqual({ kind: 'pass', each })
      }
    },
  )

  it('hands a record with a short lifetime only to waiting processes', async () => {
    const { processes, comes, lead, wait, until } = await setUp()
    const row = await processes(4)
    const lease = await lead(at(row, 0), 'key')
    const waiting = await Promise.all(row.slice(1).map(of => wait(of, 'key')))
    expect(await lease.commit(record({ ttl: 1 }))).toBe('stored')
    for (const { turn } of waiting) expect(await comes(turn)).toMatchObject({ kind: 'hit', collapsed: true })
    await until(async () => (await at(row, 1).tier.read('key')) === undefined)
    expect(told(await at(row, 1).tier.acquire('key', ASKED))).toBe('lead')
  })

  it('shares again once that has passed', async () => {
    const { processes, lead, until } = await setUp()
    const row = await processes(2)
    const lease = await lead(at(row, 0), 'key')
    lease.pass(300, 'caller')
    const kinds = new Set<string | undefined>()
    await until(async () => {
      kinds.add(told(await at(row, 1).tier.acquire('key', { ...ASKED, wait: 0 })))
      return kinds.has('lead')
    })
    expect(kinds).not.toContain('local')
  })

  it.each([
    ['set', 'made'],
    ['invalidate', 'lead'],
    ['clear', 'lead'],
  ] as const)('shares again after %s', async (change, then) => {
    const { processes, lead, until, hears } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const lease = await lead(a, 'key')
    lease.pass(60_000, 'caller')
    await until(async () => told(await b.tier.acquire('key', { ...ASKED, wait: 0 })) === 'pass')
    if (change === 'set') await b.tier.set('key', record({ body: 'made' }))
    else if (change === 'invalidate') await b.tier.invalidate(['key'])
    else await b.tier.clear()
    await hears(a, 'key key')
    expect(told(await a.tier.acquire('key', { ...ASKED, wait: 0 }))).toBe(then)
  })

  it('shares again where that is allowed, and drops nothing that is stored', async () => {
    const { processes, lead, until } = await setUp()
    const row = await processes(2)
    const [a, b] = [at(row, 0), at(row, 1)]
    const lease = await lead(a, 'key')
    lease.pass(60_000, 'caller')
    const asked = async (): Promise<string | undefined> => told(await b.tier.acquire('key', { ...ASKED, wait: 0 }))
    await until(async () => (await asked()) === 'pass')
    await a.tier.set('stored', record({ body: 'kept' }))
    for (const key of ['key', 'stored', 'none']) a.tier.allow(key)
    await until(async () => (await asked()) === 'lead')
    expect(text(await b.tier.read('stored'))).toBe('kept')
  })

  it.each([0, -1])('hands a record with a ttl of %i to waiting processes, and to no later ones', async ttl => {
    const { processes, comes, lead, wait } = await setUp()
    const row = await processes(4)
    const lease = await lead(at(row, 0), 'key')
    const waiting = await Promise.all([at(row, 1), at(row, 2)].map(of => wait(of, 'key')))
    expect(await lease.commit(record({ body: 'once', ttl, staleWhileRevalidate: 60_000 }))).toBe('stored')
    for (const { tier } of row) expect(await tier.read('key')).toBeUndefined()
    for (const { turn } of waiting) {
      const handed = await comes(turn)
      expect(told(handed)).toBe('once')
      expect(handed).toMatchObject({ kind: 'hit', collapsed: true, record: { ttl: 0 } })
    }
    await lead(at(row, 3), 'key')
  })

  it('keeps two that are handed over one after the other apart', async () => {
    const { processes, comes, lead, wait } = await setUp()
    const row = await processes(3)
    for (const body of ['first', 'second', 'third']) {
      const lease = await lead(at(row, 0), 'key')
      const waiting = await Promise.all([at(row, 1), at(row, 2)].map(of => wait(of, 'key')))
      await lease.commit(record({ body, ttl: 0 }))
      expect((await comes(Promise.all(waiting.map(({ turn }) => turn)))).map(told)).toEqual([body, body])
    }
  })
}

function hostileError(): Error {
  const error = new Error('hostile')
  for (const name of ['name', 'message', 'code']) {
    Object.defineProperty(error, name, {
      get: () => {
        throw new Error('not to be read')
      },
    })
  }
  return error
}
