import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../conformance/src/real-time.ts'
import { redisStore } from '../src/index.ts'
import { ASKED, LEASE, LOG, MADE, RECORD, lead, stored, useTiers } from './use-tiers.ts'

const { hands, joined, server } = await useTiers()

describe('what stands at a record’s key and is none', () => {
  const foreign: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['nothing', () => hands.set(RECORD, '')],
    ['text', () => hands.set(RECORD, 'hello')],
    ['text that begins like one', () => hands.set(RECORD, `ST\x01${'x'.repeat(100)}`)],
    ['a record of another format', () => hands.setrange(RECORD, 2, '\x02')],
    ['a record of another codec', () => hands.setrange(RECORD, 38, '\x07')],
    [
      'a record that was cut off',
      async () => hands.set(RECORD, (await hands.getBuffer(RECORD))?.subarray(0, 70) ?? ''),
    ],
    ['a record with a bit flipped', () => hands.setrange(RECORD, 66, '~')],
    ['a hash', async () => [await hands.del(RECORD), await hands.hset(RECORD, 'a', 'b')]],
    ['a list', async () => [await hands.del(RECORD), await hands.lpush(RECORD, 'a')]],
  ]

  it.each(foreign)('is a miss, and is replaced: %s', async (_name, put) => {
    const [a, b] = [joined(), joined()]
    await a.tier.set('key', MADE)
    await put()
    expect(await stored(b.tier)).toBeUndefined()
    const lease = await lead(b.tier)
    expect(await lease.commit({ ...MADE, body: 'new' })).toBe('stored')
    expect(await stored(a.tier)).toBe('new')
    expect([...a.told, ...b.told].filter(said => said.startsWith('open'))).toEqual([])
  })

  it('is replaced by set and by invalidate too', async () => {
    const { tier } = joined()
    await hands.hset(RECORD, 'a', 'b')
    expect(await tier.set('key', MADE)).toBe(true)
    await hands.del(RECORD)
    await hands.hset(RECORD, 'a', 'b')
    expect(await tier.invalidate(['key'])).toBe(true)
    expect(await hands.exists(RECORD)).toBe(0)
  })
})

describe('keys of foreign types elsewhere', () => {
  it('at a lease are no lease', async () => {
    const { tier } = joined()
    await hands.set(LEASE, 'text')
    await (await lead(tier)).commit(MADE)
    await hands.set(LEASE, 'text')
    expect(await tier.invalidate(['key'])).toBe(true)
  })

  it('at the log are replaced', async () => {
    await hands.set(LOG, 'text')
    const { tier } = joined()
    expect(await tier.invalidate(['key'])).toBe(true)
    await hands.set(LOG, 'text')
    expect(await tier.clear()).toBe(true)
    expect(await hands.type(LOG)).toBe('stream')
  })

  it('and entries of others in the log say nothing', async () => {
    const [a, b] = [joined(), joined()]
    await b.tier.read('key')
    for (const text of ['', '{', 'null', '{"i":"x","n":1,"s":"f","k":7}', '\u0000'])
      await hands.xadd(LOG, '*', 'o', text)
    await hands.xadd(LOG, '*', 'another', 'field', 'and', 'more')
    await a.tier.invalidate(['key'])
    await hands.publish('st:1:inv', 'hello')
    await hands.publish('st:1:inv', '9999999999999-0 9999999999999-1 {}')
    expect(await a.tier.set('key', MADE)).toBe(true)
    expect(await stored(b.tier)).toBe('body')
  })
})

describe('a secret', () => {
  it('lets a fleet read what it signed, and nothing else', async () => {
    const [a, b, old, stranger] = [
      joined({ secret: ['new', 'old'] }),
      joined({ secret: 'new' }),
      joined({ secret: 'old' }),
      joined(),
    ]
    await a.tier.set('key', MADE)
    expect(await Promise.all([a, b, old, stranger].map(({ tier }) => stored(tier)))).toEqual([
      'body',
      'body',
      undefined,
      'body',
    ])
    await hands.copy(RECORD, 'st:1:{st/f/other}:v')
    expect(await a.tier.read('other')).toBeUndefined()
    await stranger.tier.set('key', MADE)
    expect(await stored(a.tier)).toBeUndefined()
    expect(await (await lead(a.tier)).commit({ ...MADE, body: 'ours' })).toBe('stored')
    expect(await stored(b.tier)).toBe('ours')
  })

  it('accepts no foreign marker', async () => {
    const [a, b, stranger] = [joined({ secret: 'ours' }), joined({ secret: 'ours' }), joined()]
    const forging = await lead(stranger.tier)
    forging.pass(60_000, 'caller')
    await eventually(async () => (await hands.exists(RECORD)) === 1)
    const passing = await lead(a.tier)
    passing.pass(60_000, 'caller')
    await eventually(async () => (await b.tier.acquire('key', ASKED)).kind === 'pass')
    await hands.copy(RECORD, 'st:1:{st/f/other}:v')
    expect(await (await lead(b.tier, 'other')).commit(MADE)).toBe('stored')
  })
})

describe('a schema', () => {
  it('keeps releases apart whose values differ', async () => {
    const [one, two] = [joined({ schemaVersion: 'one' }), joined({ schemaVersion: 'two' })]
    await one.tier.set('key', MADE)
    expect([await stored(one.tier), await stored(two.tier)]).toEqual(['body', undefined])
    await (await lead(two.tier)).commit({ ...MADE, body: 'two' })
    expect([await stored(one.tier), await stored(two.tier)]).toEqual([undefined, 'two'])
  })
})

describe('a server', () => {
  it('that forgets its scripts gets them again', async () => {
    const { tier } = joined()
    await (await lead(tier)).commit(MADE)
    await hands.script('FLUSH')
    await (await lead(tier, 'other')).commit(MADE)
    expect(await tier.invalidate(['key', 'other'])).toBe(true)
  })

  it('that forbids publishing is polled', async () => {
    await hands.acl('SETUSER', 'quiet', 'on', '>secret', '~st:1:*', 'resetchannels', '+@all', '-publish', '-subscribe')
    const user = { username: 'quiet', password: 'secret' }
    const [a, b] = [joined({}, user), joined({}, user)]
    const lease = await lead(a.tier)
    const turn = b.tier.acquire('key', ASKED)
    await b.tier.read('key')
    expect(await lease.commit(MADE)).toBe('stored')
    expect(await turn).toMatchObject({ kind: 'hit', collapsed: true })
    expect(await a.tier.invalidate(['key'])).toBe(true)
    expect(await stored(b.tier)).toBeUndefined()
  })

  it('works for a user with the keys, channels and commands in the README', async () => {
    const rights =
      '+get +mget +ping +evalsha +eval +subscribe +unsubscribe +publish +set +del +exists +getrange +hget +hset +hkeys +pexpire +pttl +xadd +xtrim +xrange +xrevrange +zadd +zcard +zrange +zremrangebyrank +zscore +time'
    await hands.acl(
      'SETUSER',
      'app',
      'on',
      '>secret',
      '~st:1:*',
      'resetchannels',
      '&st:1:*',
      ...rights.split(' '),
      '+info',
    )
    const user = { username: 'app', password: 'secret' }
    const [a, b] = [joined({}, user), joined({}, user)]
    const lease = await lead(a.tier)
    const turn = b.tier.acquire('key', ASKED)
    await b.tier.read('key')
    await lease.commit({ ...MADE, alias: 'alias' })
    expect((await turn).kind).toBe('hit')
    for (const change of [
      a.tier.invalidate(['key']),
      a.tier.invalidateTags(['red']),
      a.tier.set('key', MADE),
      a.tier.clear(),
    ]) {
      expect(await change).toBe(true)
    }
    expect([...a.told, ...b.told].filter(said => /open|degrade/.test(said))).toEqual([])
  })
})

it('does not connect without a user', async () => {
  const client = new Redis({ port: server.port, host: '127.0.0.1', lazyConnect: true })
  redisStore({ client })
  expect(client.status).toBe('wait')
  await new Promise<void>(resolve => {
    const socket = connect(server.port, '127.0.0.1', () => socket.end(resolve))
  })
})
