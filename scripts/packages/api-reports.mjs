// The public surface of each entry, from its built declarations, as a report that is checked in: a change shows in review.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { publicPackages, ROOT } from '../lib/packages.mjs'

const TEMPORARY = fileURLToPath(new URL('reports/api/', ROOT))
const UPDATE = process.argv.includes('--update')

mkdirSync(TEMPORARY, { recursive: true })
const changed = publicPackages().flatMap(found =>
  Object.entries(found.manifest.exports)
    .filter(([entry, { types }]) => !reportOf(found, entry, types))
    .map(([entry]) => `${found.manifest.name}${entry.slice(1)}`)
    .concat(augmentationsOf(found)),
)
if (changed.length > 0) {
  process.stderr.write(
    `The public surface changed: ${changed.join(', ')}. If it was meant, run "pnpm api" and commit the reports.\n`,
  )
  process.exitCode = 1
}

/** Whether the report stands as it is checked in. */
function reportOf({ directory, manifest }, entry, types) {
  const folder = fileURLToPath(directory)
  mkdirSync(new URL('api/', directory), { recursive: true })
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: `${folder}package.json`,
    configObjectFullPath: undefined,
    packageJson: manifest,
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: `${folder}${types.slice(2)}`,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'nodenext',
            moduleResolution: 'nodenext',
            target: 'es2022',
            lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          files: [`${folder}${types.slice(2)}`],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: entry === '.' ? 'index' : entry.slice(2).replaceAll('/', '-'),
        reportFolder: `${folder}api`,
        reportTempFolder: TEMPORARY,
        includeForgottenExports: true,
      },
      newlineKind: 'lf',
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  })
  const result = Extractor.invoke(config, { localBuild: UPDATE, messageCallback: quieten })
  return result.succeeded && (UPDATE || !result.apiReportChanged)
}

/** What a package declares into its framework's types, which API Extractor leaves out. Gives the package if that changed. */
function augmentationsOf({ directory, manifest }) {
  const built = new URL('dist/', directory)
  const declarations = readdirSync(built, { recursive: true })
    .filter(name => name.endsWith('.d.ts'))
    .toSorted((one, other) => (one < other ? -1 : 1))
    .flatMap(name => readFileSync(new URL(name, built), 'utf8').match(/^declare module [\s\S]*?^\}/gm) ?? [])
  const report = new URL('api/augmentations.txt', directory)
  const now = declarations.map(declaration => `${declaration}\n`).join('\n')
  if (UPDATE && now !== '') writeFileSync(report, now)
  return (existsSync(report) ? readFileSync(report, 'utf8') : '') === now ? [] : [`${manifest.name} (declare module)`]
}

/** Errors are shown; the rest is said in one line at the end. */
function quieten(message) {
  if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true
}
