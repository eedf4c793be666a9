/** What the command line asks for. */
export type Parsed =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | { readonly kind: 'burst' | 'serve' | 'fleet'; readonly port: number }

export const DEFAULT_PORT = 4000
const SERVERS = 4

export const USAGE: string = `Usage: demo [--serve [--port N] | --fleet]

  (nothing)   fires a burst of 500 requests at each framework and prints what it cost the origin
  --serve     keeps an origin and the servers up, and prints addresses to curl
  --port N    the first of ${SERVERS} consecutive ports for --serve; default ${DEFAULT_PORT}
  --fleet     starts four server processes that share a Redis or Valkey (installed by apt where it is missing and you are
              root), kills the one that works, stops the store, invalidates; prints what became of that
  --help      prints this`

export function parseArguments(given: readonly string[]): Parsed {
  // pnpm hands on the "--" that some habits put before a script's own arguments.
  const rest = given.filter(argument => argument !== '--')
  if (rest.some(argument => argument === '--help' || argument === '-h')) return { kind: 'help' }
  const kinds = new Set<'serve' | 'fleet'>()
  let port = DEFAULT_PORT
  for (let index = 0; index < rest.length; index += 1) {
    const argument = rest[index]
    if (argument === '--serve') kinds.add('serve')
    else if (argument === '--fleet') kinds.add('fleet')
    else if (argument === '--port') {
      index += 1
      const stated = rest[index]
      if (stated === undefined || !isPort(stated)) return { kind: 'wrong', problem: portProblem(stated) }
      port = Number(stated)
    } else return { kind: 'wrong', problem: `Unknown argument "${argument}".` }
  }
  if (kinds.size > 1) return { kind: 'wrong', problem: '--serve and --fleet exclude each other.' }
  return { kind: [...kinds][0] ?? 'burst', port }
}

/** Digits only: `Number` would take '4e3' and '0x10' as well. */
function isPort(stated: string): boolean {
  const port = Number(stated)
  return /^\d+$/.test(stated) && port >= 1 && port + SERVERS - 1 <= 65_535
}

function portProblem(given: string | undefined): string {
  return `--port got ${given === undefined ? 'nothing' : `"${given}"`}; it takes a whole number from 1 to ${65_536 - SERVERS}.`
}
