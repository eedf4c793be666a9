import { parseArguments, USAGE } from './arguments.ts'
import { nodeProblem } from './node-version.ts'

/** A mistake of the user's: shown as one sentence, without a stack. */
function stop(sentence: string, exitCode: number): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(exitCode)
}

// Whoever read has seen enough, as `head` does.
process.stdout.on('error', () => process.exit(0))

const problem = nodeProblem(process.versions.node)
if (problem !== undefined) stop(problem, 1)

const parsed = parseArguments(process.argv.slice(2))
if (parsed.kind === 'help') stop(USAGE, 0)
if (parsed.kind === 'wrong') stop(`${parsed.problem}\n\n${USAGE}`, 2)

// Loaded only now: the frameworks may use syntax that an unsupported Node does not know.
try {
  process.exitCode = await run(parsed.kind, parsed.port)
} catch (error) {
  stop(error instanceof Error ? error.message : String(error), 1)
}

async function run(kind: 'burst' | 'serve' | 'fleet', port: number): Promise<number> {
  if (kind === 'serve') return (await import('./serve.ts')).serve(port)
  if (kind === 'fleet') return (await import('./fleet/fleet-demo.ts')).runFleetDemo()
  return (await import('./demo.ts')).runDemo()
}
