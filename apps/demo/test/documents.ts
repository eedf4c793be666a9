import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { RedisServer } from '@stampede/conformance/redis'
import { HttpStampede } from '@stampede/core/http'
import type { FastifyInstance } from 'fastify'
import type { Hono } from 'hono'
import type Koa from 'koa'
import { vi } from 'vitest'
import { listen } from '../src/listen.ts'

export const ROOT: URL = new URL('../../../', import.meta.url)

export function read(file: string): string {
  return readFileSync(new URL(file, ROOT), 'utf8')
}

/** All that a user is given to read. */
export const DOCUMENTS: readonly string[] = [
  ...filesIn('', '.md'),
  ...filesIn('docs/', '.md'),
  ...readdirSync(new URL('packages/', ROOT)).flatMap(name => filesIn(`packages/${name}/`, 'README.md')),
  ...filesIn('apps/bench/', '.md'),
]

function filesIn(folder: string, end: string): string[] {
  const files = readdirSync(new URL(folder === '' ? '.' : folder, ROOT)).filter(file => file.endsWith(end))
  return files.map(file => folder + file)
}

/** A block of code in a document. */
export interface Block {
  readonly document: string
  /** The heading that it stands under. */
  readonly heading: string
  /** Among the blocks of its heading. */
  readonly index: number
  readonly language: string
  /** What stands behind the language: the file that the block is a piece of. */
  readonly file: string | undefined
  readonly code: string
}

export function blocksOf(document: string): Block[] {
  const found: Block[] = []
  for (const section of `\n${read(document)}`.split(/\n(?=#+ )/)) {
    const [, heading = ''] = /^#+ (.*)/.exec(section) ?? []
    const fences = [...section.matchAll(/^```(\w*)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)]
    for (const [index, [, language = '', file, code = '']] of fences.entries())
      found.push({ document, heading, index, language, file, code })
  }
  return found
}

/** Examples as files where all that they import is installed. */
export class Examples {
  readonly #folder = new URL(`.generated/${crypto.randomUUID()}/`, import.meta.url)
  #redis: Promise<RedisServer> | undefined

  get folder(): string {
    return fileURLToPath(this.#folder)
  }

  write(name: string, code: string): URL {
    mkdirSync(this.#folder, { recursive: true })
    const file = new URL(name, this.#folder)
    writeFileSync(file, code)
    return file
  }

  /** Runs an example as a module of its own. Gives all that it declares, and what it printed. */
  async run(code: string): Promise<{ readonly module: Module; readonly printed: string[] }> {
    const declared = [...code.matchAll(/^(?:const|let|function|async function) (\w+)/gm)].map(([, name]) => name)
    const given = await this.#overServer(code)
    const file = this.write(`${crypto.randomUUID()}.ts`, `${given}\nexport { ${declared.join(', ')} }\n`)
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const module = (await import(/* @vite-ignore */ file.href)) as Module
    const printed = log.mock.calls.map(line => line.map(String).join(' '))
    log.mockRestore()
    return { module, printed }
  }

  async remove(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true })
    await (await this.#redis)?.close()
  }

  /** With a real server, which is empty, where the example has one. */
  async #overServer(code: string): Promise<string> {
    if (!isOverServer(code)) return code
    this.#redis ??= RedisServer.start()
    const server = await this.#redis
    await server.call('FLUSHALL')
    // Other tests may keep the machine busy: no example is about that.
    return code.replaceAll(ADDRESS, server.url).replaceAll('redisStore({ ', 'redisStore({ commandTimeout: 5_000, ')
  }
}

/** Where the Redis of an example is. */
const ADDRESS = 'redis://localhost:6379'

export function isOverServer(code: string): boolean {
  return code.includes(ADDRESS)
}

/** What an example declares. */
export type Module = Readonly<Record<string, unknown>>

/** Closes what an example holds open: its caches, then the clients of their stores. */
export async function letGo(module: Module): Promise<void> {
  const held = Object.values(module)
  for (const one of held) {
    if (one instanceof HttpStampede) await one.controls.close()
    else if (hasFunction(one, 'close') && hasFunction(one, 'invalidateTags')) await one.close()
  }
  for (const one of held) {
    if (hasFunction(one, 'duplicate') && hasFunction(one, 'destroy')) await one.destroy()
    else if (hasFunction(one, 'duplicate') && hasFunction(one, 'disconnect')) await one.disconnect()
  }
}

function hasFunction<Name extends string>(value: unknown, name: Name): value is Record<Name, () => unknown> {
  const isSome = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isSome && name in value && typeof (value as Record<string, unknown>)[name] === 'function'
}

/** What an example says that it prints. */
export function promisedBy(code: string): string[] {
  return [...code.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, said = '']) => said)
}

/** The app of an example, listening. */
export interface Served {
  readonly ask: (path: string, init?: RequestInit) => Promise<Told>
  readonly close: () => Promise<void>
}

/** An answer; `status` is its Cache-Status. */
interface Told {
  readonly status: string
  readonly head: Headers
  readonly text: string
}

export async function serve({ fastify, app }: Module): Promise<Served> {
  const framework = fastify as FastifyInstance | undefined
  await framework?.ready()
  const server = await listen(framework?.server ?? serverOf(app as Hono | Koa), 0)
  return {
    async ask(path, init) {
      const reply = await fetch(server.url + path, init)
      return { status: reply.headers.get('cache-status') ?? '', head: reply.headers, text: await reply.text() }
    },
    async close() {
      await server.close()
      await framework?.close()
    },
  }
}

function serverOf(app: Hono | Koa): Server {
  if ('fetch' in app) return createAdaptorServer({ fetch: app.fetch }) as Server
  const handle = app.callback()
  return createServer((request, response) => void handle(request, response))
}
