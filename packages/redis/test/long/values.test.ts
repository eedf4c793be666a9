import { expect, it } from 'vitest'
import { nodes } from '../fleet/nodes.ts'
import { useFleets } from '../fleet/use-fleets.ts'

const fleets = useFleets()

const MIB = 1024 * 1024

it('37: processes on all supported versions of Node share what any of them made', async () => {
  const fleet = await fleets.fleet()
  const programs = nodes()
  expect(programs.length).toBeGreaterThanOrEqual(4)
  const workers = await Promise.all(programs.map(node => fleet.add({ node })))
  const values = ['text ☃', { deep: [1, null, { text: '“”' }] }, 12.5, null, [], true]
  let fetches = 0
  for (const [writer, worker] of workers.entries()) {
    for (const [index, value] of values.entries()) {
      const key = `of ${writer}: ${index}`
      const made = worker.get(key)
      fetches += 1
      const fetch = await fleet.fetch(fetches)
      fetch.answer({ value })
      expect((await made).values).toEqual([value])
      for (const reader of workers) expect((await reader.get(key)).values).toEqual([value])
    }
    expect(fleet.fetches).toHaveLength(fetches)
  }
  for (const { log } of workers) expect(log.filter(line => line.startsWith('error'))).toEqual([])
})

it('37: an error is published from any to any', async () => {
  const fleet = await fleets.fleet()
  const workers = await Promise.all(nodes().map(node => fleet.add({ node })))
  const error = { name: 'OriginError', message: 'down', code: 'E_DOWN' }
  for (let round = 0; round < workers.length; round += 1) {
    const leading = workers[round]?.get(`key ${round}`)
    const fetch = await fleet.fetch(round + 1)
    const others = workers.filter((_, index) => index !== round).map(worker => worker.get(`key ${round}`))
    await fleet.waiting(others.length)
    fetch.answer({ error })
    for (const got of [await leading, ...(await Promise.all(others))]) expect(got?.errors).toEqual([error])
  }
})

it('38: a body of 64 MiB is shared whole', async () => {
  const fleet = await fleets.fleet({ store: { maxEntryBytes: 80 * MIB, commandTimeout: 60_000, leaseTtl: 60_000 } })
  const [a, b] = await fleet.joinAll(2)
  const body = Buffer.alloc(64 * MIB, 'a line of sixty-four bytes, over and over, as long as it takes.\n')
  const made = a?.get('key')
  const fetch = await fleet.fetch(1)
  const waiting = b?.get('key')
  await fleet.waiting(1)
  fetch.answer({ value: body })
  await made
  const got = await waiting
  expect(Buffer.isBuffer(got) && got.equals(body)).toBe(true)
  expect(fleet.fetches).toHaveLength(1)
})

it('38: one that is larger than what may be stored is fetched by each', async () => {
  const fleet = await fleets.fleet({ store: { commandTimeout: 60_000, leaseTtl: 60_000 } })
  const [a, b] = await fleet.joinAll(2)
  const body = Buffer.alloc(64 * MIB)
  const gets = [a, b].map(async inside => inside?.get('key'))
  const first = await fleet.fetch(1)
  await fleet.waiting(1)
  first.answer({ value: body })
  const second = await fleet.fetch(2)
  second.answer({ value: body })
  for (const got of await Promise.all(gets)) expect(Buffer.isBuffer(got) && got.length).toBe(64 * MIB)
})
