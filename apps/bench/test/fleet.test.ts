import { RedisServer } from '@stampede/conformance/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fleetCommand } from '../src/fleet/fleet-command.ts'
import { contenderOf, peers, rawGet, rawGetOfNodeRedis, stampede } from '../src/fleet/contenders/index.ts'
import type { Member } from '../src/fleet/jobs.ts'
import { memberOf } from '../src/fleet/worker-jobs.ts'
import { collecting } from './fakes.ts'

let server: RedisServer
beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.close())

async function withMembers(name: string, use: (one: Member, other: Member) => Promise<void>): Promise<void> {
  const setting = { port: server.port, entries: 10 }
  const one = memberOf(await contenderOf(name).open(setting))
  const other = memberOf(await contenderOf(name).open(setting))
  try {
    await use(one, other)
  } finally {
    await one.close()
    await other.close()
  }
}

describe.each([stampede, ...peers].map(({ name }) => name))('%s', name => {
  it('shares values and changes', () =>
    withMembers(name, async (one, other) => {
      const key = `key of ${name}`
      const { times, fetches, errors } = await one.ask('burst', { key, value: `${key} 1`, callers: 3, fetchMs: 1 })
      expect([times.length, fetches, errors]).toEqual([3, 1, 0])
      // The store is updated after the answers.
      await one.ask('arrivals', { prefix: `later ${name}`, ms: 50, everyMs: 10, fetchMs: 1 })
      expect(await other.ask('read', { key, value: 'unused' })).toBe(`${key} 1`)
      await one.ask('invalidate', { key })
      expect(await one.ask('read', { key, value: `${key} 2` })).toBe(`${key} 2`)
    }))
})

it.each([stampede, rawGet, rawGetOfNodeRedis].map(({ name }) => name))('%s hits what is not in memory', name =>
  withMembers(name, async one => {
    await one.ask('fill', { from: 0, to: 300, bytes: 20, isTagged: false })
    const hit = await one.ask('hits', { keys: 300, bytes: 20, atOnce: 8, ms: 20 })
    expect(hit.hits).toBeGreaterThan(0)
    expect(hit.cpu).toBeGreaterThan(0)
    await expect(one.ask('hits', { keys: 300, bytes: 21, atOnce: 1, ms: 20 })).rejects.toThrow('20 characters, not 21')
  }),
)

it('a tag removes everything that has it', () =>
  withMembers(stampede.name, async one => {
    await one.ask('fill', { from: 0, to: 300, bytes: 20, isTagged: true })
    expect(await one.ask('invalidateTag', undefined)).toBeGreaterThan(0)
    expect(await one.ask('read', { key: 'tagged:1', value: 'new' })).toBe('new')
  }))

it('a fetch is reported at its start, and its answers later', () =>
  withMembers(stampede.name, async one => {
    await one.ask('begin', { key: 'begun', value: 'begun', callers: 2, fetchMs: 1 })
    expect(await one.ask('finish', undefined)).toMatchObject({ fetches: 1, errors: 0 })
  }))

describe('the command', () => {
  const suite = { name: 'one', run: async () => ({ text: 'the table', result: {} }) }

  it('runs the given suites, and describes the server', async () => {
    const out = collecting()
    const world = { ...out, suites: [suite], server: () => 'a-server 1' }
    expect(await fleetCommand(['--rounds', '2'], world)).toBe(0)
    expect(out.printed()).toContain('server a-server 1, rounds 2')
    expect(out.printed()).toContain('the table')
    expect(await fleetCommand(['--help'], world)).toBe(0)
    expect(out.printed()).toContain('Usage: bench:fleet')
  })

  it('explains errors: 2 for arguments, 1 for a process that fails', async () => {
    const out = collecting()
    const failing = { name: 'one', run: () => Promise.reject(new Error('no process')) }
    const world = { ...out, suites: [failing], server: () => '' }
    expect(await fleetCommand(['--suite', 'two'], world)).toBe(2)
    expect(await fleetCommand([], world)).toBe(1)
    expect(out.errors).toEqual([expect.stringContaining('--suite got "two"'), 'no process'])
  })

  it('knows no contender that there is not', () => {
    expect(() => contenderOf('nobody')).toThrow('no contender "nobody"')
  })
})
