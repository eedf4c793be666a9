import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './process.mjs'

const CACHE = fileURLToPath(new URL('../../.runtimes/', import.meta.url))

/**
 * The path of the runtime's binary, downloaded into the cache if it is not there. A download that broke off leaves
 * nothing that counts: the directory gets its name only when it is whole.
 */
export async function install({ name, packageName, version, binary }) {
  const home = join(CACHE, `${name}-${version}-${process.platform}-${process.arch}`)
  const path = join(home, 'node_modules', packageName, binary)
  if (existsSync(path)) return path
  console.log(`${name}: installing ${packageName}@${version}`)
  const partial = `${home}.partial`
  rmSync(partial, { recursive: true, force: true })
  rmSync(home, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  writeFileSync(join(partial, 'package.json'), '{ "private": true }\n')
  const options = ['--no-audit', '--no-fund', '--no-progress', '--ignore-scripts', '--no-package-lock']
  const { code, output } = await run('npm', ['install', ...options, '--save-exact', `${packageName}@${version}`], {
    cwd: partial,
  })
  if (code !== 0) throw new Error(`npm could not install ${packageName}@${version}:\n${output}`)
  renameSync(partial, home)
  if (!existsSync(path)) throw new Error(`${packageName}@${version} has no ${binary}`)
  return path
}
