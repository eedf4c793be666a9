import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)

/**
 * The version of a package that is installed here, or `undefined`. Its package.json is sought as a file, for packages
 * need not export it.
 */
export function versionOf(name: string): string | undefined {
  const places = require.resolve.paths(name) ?? []
  const file = places.map(place => join(place, name, 'package.json')).find(existsSync)
  if (file === undefined) return undefined
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return isVersioned(manifest) ? manifest.version : undefined
}

function isVersioned(manifest: unknown): manifest is { readonly version: string } {
  return (
    typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string'
  )
}
