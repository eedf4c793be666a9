import { ensureServer } from './binaries.mjs'

/** Of the runner, once before all files: two of them could not install at the same time. */
export function setup(): void {
  ensureServer()
}
