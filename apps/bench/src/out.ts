/** Where text goes. */
export interface Out {
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
}

export const processOut: Out = {
  print: text => void process.stdout.write(`${text}\n`),
  printError: text => void process.stderr.write(`${text}\n`),
}
