import type { Server } from 'node:net'
import { vi } from 'vitest'

/** The errors of bodies that cases break off on purpose, and Stampede's own where it breaks one off. */
const EXPECTED = /^(origin|source) broke off$|^stampede: /

let open = 0
let restore = (): void => {}

/**
 * Hono's server for Node prints the error of a body that breaks off, and has no option against it. While such a server is
 * open, the expected ones are not printed; all other errors are.
 */
export function withoutBrokenBodies<S extends Server>(server: S): S {
  server.once('listening', () => {
    open += 1
    if (open === 1) restore = dropExpected()
  })
  server.once('close', () => {
    open -= 1
    if (open === 0) restore()
  })
  return server
}

function dropExpected(): () => void {
  const { error } = console
  const spy = vi.spyOn(console, 'error').mockImplementation((...printed: readonly unknown[]) => {
    const [first] = printed
    if (!(first instanceof Error && EXPECTED.test(first.message))) error(...printed)
  })
  return () => spy.mockRestore()
}
