import { afterEach, expect, it } from 'vitest'
import { installedServers } from '../src/redis/binaries.mjs'
import { RedisCluster } from '../src/redis/cluster.ts'
import { RedisLine } from '../src/redis/resp.ts'
import { RedisServer } from '../src/redis/server.ts'
import { TcpProxy } from '../src/tcp-proxy.ts'

const open: { close(): Promise<void> | void }[] = []

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
})

function opened<T extends { close(): Promise<void> | void }>(one: T): T {
  open.push(one)
  return one
}

it.each(installedServers())('starts %s, kills it, and starts it again on the same port', async flavor => {
  const server = opened(await RedisServer.start({ flavor, config: { appendonly: 'yes', appendfsync: 'always' } }))
  await server.call('SET', 'key', 'Ünïcode')
  await server.kill()
  await expect(server.call('PING')).rejects.toThrow('ECONNREFUSED')
  await server.start()
  expect(Buffer.from(String(await server.call('GET', 'key')), 'latin1').toString()).toBe('Ünïcode')
  await expect(server.call('NO', 'SUCH')).rejects.toThrow('unknown command')
})

it('makes a cluster of three masters', async () => {
  const cluster = opened(await RedisCluster.start())
  const slots = String(await cluster.masters[0]?.call('CLUSTER', 'INFO'))
  expect(slots).toContain('cluster_slots_ok:16384')
  expect(new Set(cluster.ports).size).toBe(3)
})

it('has a line that holds, delays, drops and cuts, each way in order', async () => {
  const server = opened(await RedisServer.start())
  const proxy = opened(await TcpProxy.to(server.port))
  const line = opened(await RedisLine.to(proxy.port))
  const direct = opened(await RedisLine.to(server.port))
  expect(await line.call('PING')).toBe('PONG')

  proxy.hold('down')
  const replies = [line.call('SET', 'key', 1), line.call('INCR', 'key')]
  while ((await direct.call('GET', 'key')) !== '2') await direct.call('PING')
  proxy.release()
  expect(await Promise.all(replies)).toEqual(['OK', 2])

  proxy.delay('up', 30)
  const start = performance.now()
  expect(await Promise.all([line.call('INCR', 'key'), line.call('INCR', 'key')])).toEqual([3, 4])
  expect(performance.now() - start).toBeGreaterThanOrEqual(29)
  proxy.delay('up', 0)

  for (const { down } of proxy.links('commands')) down.dropIf(bytes => bytes.includes('swallowed'))
  const lost = line.call('ECHO', 'swallowed')
  await direct.call('PING')
  proxy.hold('up')
  proxy.cut()
  await expect(lost).rejects.toThrow('closed')
})
