interface Warner {
  emitWarning?(message: string, options: { readonly type: string; readonly code: string }): void
}

/**
 * Writes to the standard error of the process, if there is one. For what a developer must know without an event
 * listener.
 */
export function warn(code: string, message: string): void {
  try {
    const { process } = globalThis as { readonly process?: Warner }
    process?.emitWarning?.(message, { type: 'StampedeWarning', code })
  } catch {
    // A process may be set to throw on warnings; no call may fail because of that.
  }
}
