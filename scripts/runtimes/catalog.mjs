// The runtimes, each pinned: npm package, version and the binary inside the package.
const NODE_VERSIONS = ['20.20.2', '22.23.3', '24.21.0', '26.10.0']

/** Package names by `process.platform-process.arch`; what is not named here is not published for that platform. */
const BUN = {
  'linux-x64': '@oven/bun-linux-x64',
  'linux-arm64': '@oven/bun-linux-aarch64',
  'darwin-x64': '@oven/bun-darwin-x64',
  'darwin-arm64': '@oven/bun-darwin-aarch64',
}
const DENO = {
  'linux-x64': '@deno/linux-x64-glibc',
  'linux-arm64': '@deno/linux-arm64-glibc',
  'darwin-x64': '@deno/darwin-x64',
  'darwin-arm64': '@deno/darwin-arm64',
}
const WORKERD = {
  'linux-x64': '@cloudflare/workerd-linux-64',
  'linux-arm64': '@cloudflare/workerd-linux-arm64',
  'darwin-x64': '@cloudflare/workerd-darwin-64',
  'darwin-arm64': '@cloudflare/workerd-darwin-arm64',
}

/**
 * @typedef {object} Runtime
 * @property {string} name what `--only` takes
 * @property {'node' | 'bun' | 'deno' | 'workerd'} kind
 * @property {string | undefined} packageName undefined: not published for this platform
 * @property {string} version
 * @property {string} binary path inside the package
 */

/** @returns {Runtime[]} */
export function runtimesFor(platform = process.platform, arch = process.arch) {
  const here = `${platform}-${arch}`
  const nodePackage = here in BUN ? `node-${here}` : undefined
  return [
    ...NODE_VERSIONS.map(version => ({
      name: `node${version.split('.')[0]}`,
      kind: /** @type {const} */ ('node'),
      packageName: nodePackage,
      version,
      binary: 'bin/node',
    })),
    { name: 'bun', kind: 'bun', packageName: BUN[here], version: '1.4.5', binary: 'bin/bun' },
    { name: 'deno', kind: 'deno', packageName: DENO[here], version: '2.9.6', binary: 'deno' },
    { name: 'workerd', kind: 'workerd', packageName: WORKERD[here], version: '1.20261117.1', binary: 'bin/workerd' },
  ]
}
