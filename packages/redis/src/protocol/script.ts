import { createHash } from 'node:crypto'

/** A Lua script, and its digest. */
export interface Script {
  readonly source: string
  readonly digest: string
}

export function script(source: string): Script {
  return { source, digest: createHash('sha1').update(source).digest('hex') }
}
