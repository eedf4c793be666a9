// What every published manifest must say, and that the peers that are tested are the ends of the ranges that are promised.
import { versionInCatalog } from '../lib/packages.mjs'

const ENGINES = '^20.19.0 || >=22.12.0'

/** @param {import('../lib/packages.mjs').Package} found @returns {readonly string[]} what is wrong */
export function faultsOf({ manifest }) {
  const expected = {
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    engines: { node: ENGINES },
    files: ['dist', 'src'],
    publishConfig: { access: 'public', provenance: true },
  }
  const wrong = Object.entries(expected)
    .filter(([field, value]) => JSON.stringify(manifest[field]) !== JSON.stringify(value))
    .map(([field, value]) => `${manifest.name}: "${field}" must be ${JSON.stringify(value)}`)
  return [...wrong, ...unknownOf(manifest), ...entriesOf(manifest), ...peersOf(manifest)]
}

const FIELDS =
  `name version description license repository type sideEffects keywords engines exports files publishConfig scripts
  dependencies peerDependencies peerDependenciesMeta devDependencies tsup`.split(/\s+/)

/** Unexpected fields, such as `main` or `bin`, and scripts that would run on the user's machine. */
function unknownOf(manifest) {
  const { name, repository, description, scripts } = manifest
  const fields = Object.keys(manifest).filter(field => !FIELDS.includes(field))
  const odd = Object.keys(scripts).filter(script => !['build', 'typecheck'].includes(script))
  const faults = fields.map(field => `${name}: "${field}" is not among the fields that are checked`)
  faults.push(...odd.map(script => `${name}: no script "${script}" is to be published`))
  // Provenance names the repository, and the registry compares.
  if (!repository?.url?.startsWith('git+https://')) faults.push(`${name}: "repository" must name the repository`)
  if (!(description?.length > 20)) faults.push(`${name}: "description" must say what it is`)
  return faults
}

/** The source comes first, for tests and editors; then types, then what runs. */
function entriesOf(manifest) {
  return Object.entries(manifest.exports)
    .filter(([, targets]) => Object.keys(targets).join() !== '@stampede/source,types,default')
    .map(
      ([entry]) => `${manifest.name}: exports["${entry}"] must name @stampede/source, types and default, in this order`,
    )
}

function peersOf(manifest) {
  return Object.entries(manifest.peerDependencies ?? {})
    .filter(([peer]) => !peer.startsWith('@types/'))
    .filter(
      ([peer, range]) => range !== `^${versionInCatalog(`${peer}-lowest`)}` || !isWithin(versionInCatalog(peer), range),
    )
    .map(
      ([peer, range]) =>
        `${manifest.name}: the range ${range} of the peer ${peer} is not what the tests run on: ${versionInCatalog(`${peer}-lowest`)} to ${versionInCatalog(peer)}`,
    )
}

function isWithin(version, range) {
  return version.split('.')[0] === range.slice(1).split('.')[0]
}
