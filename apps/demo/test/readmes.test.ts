import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { Stampede, type StampedeOptions } from '@stampede/core'
import { HttpStampede } from '@stampede/core/http'
import type { FastifyInstance } from 'fastify'
import type { Hono } from 'hono'
import type Koa from 'koa'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { listen } from '../src/listen.ts'

const ROOT = new URL('../../../', import.meta.url)
/** Here all that the examples import is installed. */
const GENERATED = new URL('.generated/', import.meta.url)

function read(readme: string): string {
  return readFileSync(new URL(readme, ROOT), 'utf8')
}

function blocks(readme: string): string[] {
  return [...read(readme).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)
}

/** Runs an example as a module of its own, with what it calls by this name exported. */
async function run<T>(code: string, exported: string): Promise<T> {
  const file = new URL(`${crypto.randomUUID()}.ts`, GENERATED)
  writeFileSync(file, `${code}\nexport { ${exported} }\n`)
  const module = (await import(/* @vite-ignore */ file.href)) as Record<string, T>
  const value = module[exported]
  if (value === undefined) throw new Error(`the example has no ${exported}`)
  return value
}

function blockOf(readme: string, importing: string): string {
  return blockWith(readme, `'${importing}'`)
}

function blockWith(readme: string, text: string): string {
  const found = blocks(readme).find(code => code.includes(text))
  if (found === undefined) throw new Error(`${readme} has no example with ${text}`)
  return found
}

/** The names in the first column of the table under this heading cell. */
function optionsIn(readme: string): string[] {
  const lines = read(readme).split('\n')
  const rows = lines.slice(lines.findIndex(line => /^\| option +\|/.test(line)) + 2)
  return rows
    .slice(0, rows.indexOf(''))
    .flatMap(row => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name))
}

/** The names that a constructor takes, as its own error lists them. */
function optionsOf(construct: (options: object) => unknown): string[] {
  try {
    construct({ none: 0 })
  } catch (error) {
    const [, names = ''] = /Known ones: (.*)$/.exec(String(error)) ?? []
    return names.split(', ')
  }
  throw new Error('an unknown option was accepted')
}

beforeAll(() => mkdirSync(GENERATED, { recursive: true }))
afterAll(() => rmSync(GENERATED, { recursive: true }))

describe('examples', () => {
  it.each(['README.md', 'packages/fastify/README.md'])('of Fastify in %s', async readme => {
    const fastify = await run<FastifyInstance>(blockOf(readme, '@stampede/fastify'), 'fastify')
    const statuses: unknown[] = []
    for (let request = 0; request < 2; request += 1) {
      statuses.push((await fastify.inject('/report')).headers['cache-status'])
    }
    expect(statuses).toEqual(['stampede; fwd=uri-miss', expect.stringMatching(/^stampede; hit; ttl=[45]$/)])
    await fastify.close()
  })

  it.each(['README.md', 'packages/hono/README.md'])('of Hono in %s', async readme => {
    const app = await run<Hono>(blockOf(readme, '@stampede/hono'), 'app')
    expect(await (await app.request('/report')).json()).toEqual({ report: 'built once' })
    expect((await app.request('/report')).headers.get('cache-status')).toMatch(/^stampede; hit; ttl=[45]$/)
  })

  it.each(['README.md', 'packages/koa/README.md'])('of Koa in %s', async readme => {
    const app = await run<Koa>(blockOf(readme, '@stampede/koa'), 'app')
    const handle = app.callback()
    const server = await listen(
      createServer((request, response) => void handle(request, response)),
      0,
    )
    expect(await (await fetch(`${server.url}/report`)).json()).toEqual({ report: 'built once' })
    expect((await fetch(`${server.url}/report`)).headers.get('cache-status')).toMatch(/^stampede; hit; ttl=[45]$/)
    await server.close()
  })

  it('of a purge after a write', async () => {
    const fastify = await run<FastifyInstance>(blockWith('packages/fastify/README.md', 'invalidateTags'), 'fastify')
    const hono = await run<Hono>(blockWith('packages/hono/README.md', 'invalidateTags'), 'app')
    const koa = (await run<Koa>(blockWith('packages/koa/README.md', 'invalidateTags'), 'app')).callback()
    await fastify.ready()
    const servers = [
      await listen(fastify.server, 0),
      await listen(createAdaptorServer({ fetch: hono.fetch }) as Server, 0),
      await listen(
        createServer((request, response) => void koa(request, response)),
        0,
      ),
    ]
    for (const server of servers) {
      const ask = async (path: string, method = 'GET'): Promise<string> =>
        (await fetch(server.url + path, { method })).text()
      for (let time = 0; time < 2; time += 1)
        expect([await ask('/prices'), await ask('/offer')]).toEqual(['{"price":1}', '{"offer":0.9}'])
      await ask('/price', 'PUT')
      expect([await ask('/prices'), await ask('/offer')]).toEqual(['{"price":2}', '{"offer":1.8}'])
      await server.close()
    }
    await fastify.close()
  })

  it.each(['README.md', 'packages/core/README.md'])('of functions in %s', async readme => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const reports = await run<Stampede>(blockOf(readme, '@stampede/core'), 'reports')
    expect(reports.stats()).toMatchObject({ fetches: 1, entries: 1 })
    const [printed] = log.mock.calls
    const [, promised] = /\/\/ (true 1)/.exec(read(readme)) ?? []
    expect(printed?.join(' ')).toBe(promised)
    log.mockRestore()
  })
})

describe('the blocks of the core’s README', () => {
  const readme = 'packages/core/README.md'

  it.each(blocks(readme).map((code, block) => ({ code, block })))(
    'block $block prints what it says',
    async ({ code }) => {
      const log = vi.spyOn(console, 'log').mockImplementation(() => {})
      await run(`${code}\nconst ran = true`, 'ran')
      const printed = log.mock.calls.map(line => line.map(String).join(' '))
      log.mockRestore()
      const promised = [...code.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, said]) => said)
      expect(promised).not.toEqual([])
      expect(printed).toEqual(promised)
    },
  )
})

describe('option tables', () => {
  it('of the core name what the constructor takes', () => {
    expect(new Set(optionsIn('packages/core/README.md'))).toEqual(
      new Set(optionsOf(options => new Stampede(options as StampedeOptions))),
    )
  })

  it.each([
    ['fastify', []],
    ['hono', ['refresh']],
    ['koa', []],
  ])('of %s name what all adapters take, and of its own %j', (name, own) => {
    const common = optionsOf(options => new HttpStampede(options))
    expect(new Set(optionsIn(`packages/${name}/README.md`))).toEqual(new Set([...common, ...own]))
  })
})
