import { eventually } from '../../conformance/src/real-time.ts'
import { RedisServer } from '../../conformance/src/redis/server.ts'

/** A master, and a Sentinel that says where it is: by the name `mymaster`. */
export async function startSentinel(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const master = await RedisServer.start()
  const sentinel = await RedisServer.sentinel(master)
  await eventually(async () => Array.isArray(await sentinel.call('SENTINEL', 'get-master-addr-by-name', 'mymaster')))
  return {
    port: sentinel.port,
    close: async () => {
      await sentinel.close()
      await master.close()
    },
  }
}
