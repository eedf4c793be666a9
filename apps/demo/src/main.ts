import { parseArguments, USAGE } from './arguments.ts'
import { nodeProblem } from './node-version.ts'

/** A mistake of the user's: shown as one sentence, without a stack. */
function stop(sentence: string, exitCode: number): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(exitCode)
}

const problem = nodeProblem(process.versions.node)
if (problem !== undefined) stop(problem, 1)

const parsed = parseArguments(process.argv.slice(2))
if (parsed.kind === 'help') stop(USAGE, 0)
if (parsed.kind === 'wrong') stop(`${parsed.problem}\n\n${USAGE}`, 2)

// Loaded only now: the frameworks may use syntax that an unsupported Node does not know.
const { runDemo } = await import('./demo.ts')
const { serve } = await import('./serve.ts')
try {
  process.exitCode = parsed.serve ? await serve(parsed.port) : await runDemo()
} catch (error) {
  stop(error instanceof Error ? error.message : String(error), 1)
}
