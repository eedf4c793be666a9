import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { eventually } from '../real-time.ts'
import { type Flavor, installedServers } from './binaries.mjs'
import { RedisLine, type Reply } from './resp.ts'

export interface RedisServerOptions {
  /** Default: the first that is there. */
  readonly flavor?: Flavor
  /** More of its configuration, by name. */
  readonly config?: Readonly<Record<string, string>>
}

/** Starts the program in the background, prints its process id, and kills it when the parent is gone, however it ended. */
const WATCH = '"$@" & echo "pid $!"; cat >/dev/null; kill -9 $! 2>/dev/null; wait'
const ATTEMPTS = 5
/** Below the ports that systems give to outgoing connections: one of those could take the port of a server that restarts. */
const PORTS = { first: 12_000, count: 18_000 }

/** A server of its own for a test, on a free port of the loopback address. */
export class RedisServer {
  readonly port: number
  readonly flavor: Flavor
  readonly #config: Readonly<Record<string, string>>
  readonly #directory = mkdtempSync(join(tmpdir(), 'stampede-redis-'))
  #watch: ChildProcessByStdio<Writable, Readable, null> | undefined
  /** The configuration of a Sentinel. */
  #file: string | undefined
  #pid = 0
  #log = ''

  private constructor(port: number, flavor: Flavor, config: Readonly<Record<string, string>>) {
    this.port = port
    this.flavor = flavor
    this.#config = config
  }

  static async start({ flavor, config = {} }: RedisServerOptions = {}): Promise<RedisServer> {
    const chosen = flavor ?? installedServers()[0]
    if (chosen === undefined) throw new Error('neither redis-server nor valkey-server is in PATH')
    return started(async () => new RedisServer(await freePort(), chosen, await withBusPort(config)))
  }

  /** A Sentinel of its own that watches that master, by the name `mymaster`; it alone decides. */
  static async sentinel(master: RedisServer): Promise<RedisServer> {
    const lines = [
      `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 5000',
    ]
    return started(async () => {
      const server = new RedisServer(await freePort(), master.flavor, {})
      // It writes down there what it finds out.
      server.#file = join(server.#directory, 'sentinel.conf')
      writeFileSync(server.#file, `${lines.join('\n')}\n`)
      return server
    })
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts it, or starts it again with what it left on its disk; `more` is added to its configuration. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const config = { ...this.#fixed(), ...this.#config, ...more }
    const first = this.#file === undefined ? [] : [this.#file, '--sentinel']
    const args = [...first, ...Object.entries(config).flatMap(([name, value]) => [`--${name}`, value])]
    const watch = spawn('sh', ['-c', WATCH, 'sh', this.flavor, ...args], { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#watch = watch
    this.#log = ''
    watch.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#log = `${this.#log}${text}`.slice(-20_000)
    })
    // A pipe, which may be closed already, signals its end.
    watch.stdin.on('error', () => {})
    await eventually(() => /eady to accept connections|Sentinel ID is/.test(this.#log) || this.#hasFailed(), 30_000)
    if (this.#hasFailed()) throw new Error(`${this.flavor} did not start:\n${this.#log}`)
    this.#pid = Number(/pid (\d+)/.exec(this.#log)?.[1])
  }

  /** Stands still: connections stay open, nothing is answered. */
  pause(): void {
    process.kill(this.#pid, 'SIGSTOP')
  }

  resume(): void {
    process.kill(this.#pid, 'SIGCONT')
  }

  /** Dies at once, with all that it did not write. */
  async kill(): Promise<void> {
    const watch = this.#watch
    if (!watch) return
    this.#watch = undefined
    const ended = new Promise(resolve => watch.once('close', resolve))
    watch.stdin.end()
    await ended
  }

  /** One command, on a connection of its own. */
  async call(...args: readonly (string | number)[]): Promise<Reply> {
    const line = await RedisLine.to(this.port)
    try {
      return await line.call(...args)
    } finally {
      line.close()
    }
  }

  async close(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #hasFailed(): boolean {
    return /# (Fatal|Failed|Could not create|Warning: Could not)|FATAL CONFIG/.test(this.#log)
  }

  #fixed(): Readonly<Record<string, string>> {
    const everywhere = { port: String(this.port), bind: '127.0.0.1', dir: this.#directory, logfile: '' }
    return this.#file === undefined ? { ...everywhere, save: '', appendonly: 'no' } : everywhere
  }
}

/** Makes a server and starts it. Another process may take a port between the two: then with other ports. */
async function started(make: () => Promise<RedisServer>): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    const server = await make()
    try {
      await server.start()
      return server
    } catch (error) {
      await server.close()
      if (attempt === ATTEMPTS) throw error
    }
  }
}

/** The nodes of a cluster talk over a second port: by default 10 000 above the first, which may be no port. */
async function withBusPort(config: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  return config['cluster-enabled'] === 'yes' ? { 'cluster-port': String(await freePort()), ...config } : config
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.first, PORTS.first + PORTS.count)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
