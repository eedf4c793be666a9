import { bufferOf } from '../base/bytes.ts'

/** Clients take strings and Buffers. */
export function argumentsOf(args: readonly (string | Uint8Array)[]): (string | Buffer)[] {
  return args.map(arg => (typeof arg === 'string' ? arg : bufferOf(arg)))
}
