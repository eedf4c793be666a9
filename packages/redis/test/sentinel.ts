import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../../conformance/src/real-time.ts'
import { installedServers } from '../../conformance/src/redis/binaries.ts'
import { RedisLine } from '../../conformance/src/redis/resp.ts'
import { freePort, RedisServer } from '../../conformance/src/redis/server.ts'

/** A master, and a Sentinel that says where it is: by the name `mymaster`. */
export async function startSentinel(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const master = await RedisServer.start()
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'stampede-sentinel-'))
  const file = join(directory, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory}`,
    `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const sentinel = spawn(installedServers()[0] ?? 'redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  const ended = new Promise(resolve => sentinel.once('close', resolve))
  await eventually(() => answers(port))
  return {
    port,
    close: async () => {
      sentinel.kill('SIGKILL')
      await ended
      await master.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const line = await RedisLine.to(port)
    const reply = await line.send('SENTINEL', 'get-master-addr-by-name', 'mymaster')
    line.close()
    return Array.isArray(reply)
  } catch {
    return false
  }
}
