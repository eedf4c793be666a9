// The packed tarballs in a fresh npm project outside of the workspace, as a user has them: by import, by require, and
// by the compilers that are promised, on the newest and on the lowest frameworks.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { versionInCatalog } from '../lib/packages.mjs'
import { run } from '../lib/run.mjs'

const FIXTURES = fileURLToPath(new URL('consumer/', import.meta.url))
const COMPILERS = { 'typescript-5.9': 'npm:typescript@5.9', 'typescript-7': 'npm:typescript@7.0.2' }
const RESOLUTIONS = { nodenext: 'nodenext', node16: 'node20', bundler: 'preserve' }
/** By the libraries that they need. Hono's own declarations ask for the DOM's; a backend has them seldom. */
const PROGRAMS = { 'es2023,dom,dom.iterable,dom.asynciterable': 'use.ts', es2023: 'use-without-dom.cts' }

/** @param {readonly string[]} tarballs */
export function useAsConsumer(tarballs) {
  for (const suffix of ['', '-lowest']) {
    const project = mkdtempSync(join(tmpdir(), 'stampede-consumer-'))
    console.log(`\nA fresh npm project with the ${suffix === '' ? 'newest' : 'lowest'} frameworks`)
    try {
      install(project, tarballs, suffix)
      for (const program of ['use.mjs', 'use.cjs']) run(process.execPath, [program], { cwd: project })
      compile(project)
    } finally {
      rmSync(project, { recursive: true, force: true })
    }
  }
}

function install(project, tarballs, suffix) {
  cpSync(FIXTURES, project, { recursive: true })
  const frameworks = ['fastify', 'hono', 'koa'].map(name => [name, versionInCatalog(name + suffix)])
  const others = ['@hono/node-server', '@types/koa', '@types/node'].map(name => [name, versionInCatalog(name)])
  const dependencies = { ...Object.fromEntries([...frameworks, ...others]), ...COMPILERS }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs], { cwd: project })
}

function compile(project) {
  const base = { target: 'es2022', types: ['node'], strict: true, exactOptionalPropertyTypes: true, noEmit: true }
  for (const compiler of Object.keys(COMPILERS)) {
    for (const [moduleResolution, module] of Object.entries(RESOLUTIONS)) {
      for (const [lib, file] of Object.entries(PROGRAMS)) {
        const compilerOptions = { ...base, module, moduleResolution, lib: lib.split(','), skipLibCheck: false }
        writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }))
        console.log(`${compiler}, ${moduleResolution}, lib ${lib}, skipLibCheck false: ${file}`)
        run(process.execPath, [join('node_modules', compiler, 'bin', 'tsc'), '-p', '.'], { cwd: project })
      }
    }
  }
}
