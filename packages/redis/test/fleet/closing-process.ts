import { redisStore } from '../../src/index.ts'
import { clients, turns } from '../connect.ts'
import { localTier } from '../unit/process.ts'

/** Opens stores and closes them at once and a little later, and then has nothing more to do. */
const [name = '', port = ''] = process.argv.slice(2)
const connected = await clients[name]?.(Number(port))
if (connected === undefined) throw new Error(`no such client: ${name}`)
for (let turn = 0; turn <= 10; turn += 1) {
  const tier = redisStore({ client: connected.client }).join(localTier('f', []))
  await turns(turn)
  await tier.close()
}
connected.end()
process.disconnect()
