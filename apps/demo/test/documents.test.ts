import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it, vi } from 'vitest'
import {
  type Block,
  blocksOf,
  DOCUMENTS,
  Examples,
  isOverServer,
  letGo,
  promisedBy,
  read,
  ROOT,
  serve,
} from './documents.ts'
import { recipes } from './recipes.ts'

const examples = new Examples()
afterAll(() => examples.remove())

const all = DOCUMENTS.flatMap(blocksOf)
/** Blocks that stand alone. Those of the adapters' READMEs are tried by their own test. */
const programs = all.filter(({ language, file }) => language === 'ts' && file === undefined)
const pieces = all.filter(({ file }) => file !== undefined)
const FRAMEWORKS = ['fastify', 'hono', 'koa']

function isSibling({ document }: Block): boolean {
  return FRAMEWORKS.some(name => document === `packages/${name}/README.md`)
}

describe('the documents', () => {
  it('have no code that these tests do not know', () => {
    expect(DOCUMENTS).toContain('docs/concepts.md')
    const fences = DOCUMENTS.reduce((sum, document) => sum + (read(document).match(/^ *(```|~~~)/gm)?.length ?? 0), 0)
    expect(fences).toBe(all.length * 2)
    expect(all.filter(({ language }) => !['ts', 'sh', ''].includes(language))).toEqual([])
    expect(pieces.filter(({ language }) => language !== 'ts')).toEqual([])
  })

  it('have programs that hold to the types', async () => {
    for (const [index, { code }] of programs.entries()) examples.write(`program-${index}.ts`, `${code}\nexport {}\n`)
    const config = {
      extends: '../../../tsconfig.json',
      compilerOptions: { isolatedDeclarations: false, declaration: false },
      include: ['program-*.ts'],
    }
    const file = examples.write('tsconfig.json', JSON.stringify(config))
    const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', ROOT))
    const run = promisify(execFile)(process.execPath, [tsc, '--noEmit', '-p', fileURLToPath(file)])
    const said = await run.catch((error: unknown) => error as { readonly stdout: string })
    expect(said.stdout).toBe('')
  }, 300_000)

  it.each(DOCUMENTS)('%s links to nothing that is not there', document => {
    const links = [...read(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
    const broken = links.filter(([, path = '', anchor]) => {
      const target = new URL(path === '' ? document : path, path === '' ? ROOT : new URL(document, ROOT))
      if (!existsSync(target)) return true
      return anchor !== undefined && !anchorsOf(fileURLToPath(target)).includes(anchor)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  it.each(all.filter(({ language }) => language === 'sh'))(
    '$document: commands that there are, under $heading',
    ({ document, code }) => {
      const lines = code.trim().split('\n')
      expect(lines.filter(line => !isScript(line) && !isFile(line) && !isInstalling(document, line))).toEqual([])
    },
  )
})

const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }

function isScript(line: string): boolean {
  const [, script = ''] = /^(?:npx --yes pnpm@[\d.]+|pnpm) ([\w:]+)/.exec(line) ?? []
  return script === 'install' || script in scripts
}

/** `bash .ci/run`, `node scripts/...` */
function isFile(line: string): boolean {
  const [, file] = /^(?:bash|node) (\S+)/.exec(line) ?? []
  return file !== undefined && existsSync(new URL(file, ROOT))
}

interface Manifest {
  readonly name: string
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** The package of a README, what it cannot do without, and then whatever it is tried with. */
function isInstalling(document: string, line: string): boolean {
  const manifest = JSON.parse(read(document.replace('README.md', 'package.json'))) as Manifest
  const peers = Object.keys(manifest.peerDependencies ?? {})
  const needed = peers.filter(peer => manifest.peerDependenciesMeta?.[peer]?.optional !== true)
  const start = ['npm install', manifest.name, ...needed].join(' ')
  const others = line.slice(start.length).split(' ').slice(1)
  const tried = { ...manifest.dependencies, ...manifest.devDependencies }
  return line.startsWith(start) && others.every(name => name in tried)
}

function anchorsOf(file: string): string[] {
  const headings = read(file).match(/^#+ .*$/gm) ?? []
  return headings.map(heading =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

describe('programs that stand alone', () => {
  it.each(programs.filter(block => !isSibling(block)))('of $document, under $heading', async ({ document, code }) => {
    // Programs say what is left of a lifetime to the second. With a real server time has to go on.
    if (!isOverServer(code)) vi.spyOn(performance, 'now').mockReturnValue(performance.now())
    const { module, printed } = await examples.run(code)
    vi.restoreAllMocks()
    const promised = promisedBy(code)
    expect(printed).toEqual(promised)
    await letGo(module)
    const isApp = 'fastify' in module || 'app' in module
    expect(isApp || promised.length > 0, 'it prints what it promises, or is an app').toBe(true)
    if (!isApp || promised.length > 0) return
    expect(document).toBe('README.md')
    const { ask, close } = await serve(module)
    await recipes['first']?.(ask, module)
    await close()
  })
})

describe('pieces of files', () => {
  const documents = [...new Set(pieces.map(({ document, file }) => `${document} ${file}`))]

  it.each(documents)('%s: all of it, in its order', pair => {
    const [document, file = ''] = pair.split(' ')
    const shown = pieces
      .filter(piece => piece.document === document && piece.file === file)
      .map(({ code }) => code.trim())
    expect(shown.join('\n\n')).toBe(read(file).trim())
  })

  it('there are some', () => {
    expect(documents).not.toEqual([])
  })
})
