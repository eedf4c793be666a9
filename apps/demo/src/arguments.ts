/** What the command line asks for. */
export type Parsed =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | { readonly kind: 'run'; readonly serve: boolean; readonly port: number }

export const DEFAULT_PORT = 4000
const SERVERS = 4

export const USAGE: string = `Usage: demo [--serve [--port N]]

  (nothing)   fires a burst of 500 requests at each framework and prints what it cost the origin
  --serve     keeps an origin and the servers up, and prints addresses to curl
  --port N    the first of ${SERVERS} consecutive ports for --serve; default ${DEFAULT_PORT}
  --help      prints this`

export function parseArguments(given: readonly string[]): Parsed {
  let serve = false
  let port = DEFAULT_PORT
  // pnpm hands on the "--" that some habits put before a script's own arguments.
  const rest = given.filter(argument => argument !== '--')
  for (let index = 0; index < rest.length; index += 1) {
    const argument = rest[index]
    if (argument === '--help' || argument === '-h') return { kind: 'help' }
    if (argument === '--serve') {
      serve = true
    } else if (argument === '--port') {
      index += 1
      const stated = rest[index]
      if (stated === undefined || !isPort(stated)) return { kind: 'wrong', problem: portProblem(stated) }
      port = Number(stated)
    } else {
      return { kind: 'wrong', problem: `Unknown argument "${argument}".` }
    }
  }
  return { kind: 'run', serve, port }
}

/** Digits only: `Number` would take '4e3' and '0x10' as well. */
function isPort(stated: string): boolean {
  const port = Number(stated)
  return /^\d+$/.test(stated) && port >= 1 && port + SERVERS - 1 <= 65_535
}

function portProblem(given: string | undefined): string {
  return `--port got ${given === undefined ? 'nothing' : `"${given}"`}; it takes a whole number from 1 to ${65_536 - SERVERS}.`
}
