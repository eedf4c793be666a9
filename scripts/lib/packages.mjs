import { existsSync, readdirSync, readFileSync } from 'node:fs'

export const ROOT = new URL('../../', import.meta.url)

/** @typedef {{ name: string, version: string, private?: boolean, exports: Record<string, Record<string, string>>, [field: string]: unknown }} Manifest */
/** @typedef {{ folder: string, directory: URL, manifest: Manifest }} Package */

/** The packages that are published. @returns {readonly Package[]} */
export function publicPackages() {
  return readdirSync(new URL('packages/', ROOT))
    .map(folder => ({ folder, directory: new URL(`packages/${folder}/`, ROOT) }))
    .filter(({ directory }) => existsSync(new URL('package.json', directory)))
    .map(found => ({ ...found, manifest: readJson(new URL('package.json', found.directory)) }))
    .filter(({ manifest }) => manifest.private !== true)
}

/** @param {URL} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** The version that the catalog names, of an alias that of what it stands for. @param {string} name */
export function versionInCatalog(name) {
  const catalog = readFileSync(new URL('pnpm-workspace.yaml', ROOT), 'utf8')
  const version = catalog.match(new RegExp(`^  "?${name}"?: (?:npm:.*@)?(\\S+)$`, 'm'))?.[1]
  if (version === undefined) throw new Error(`the catalog in pnpm-workspace.yaml has no ${name}`)
  return version
}
