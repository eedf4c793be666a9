interface Warner {
  emitWarning?(message: string, options: { readonly type: string; readonly code: string }): void
}

/** Says something on the standard error of the process, where there is one. For what a developer must know and nobody listens to. */
export function warn(code: string, message: string): void {
  try {
    const { process } = globalThis as { readonly process?: Warner }
    process?.emitWarning?.(message, { type: 'StampedeWarning', code })
  } catch {
    // A process that throws for warnings is its own affair: no call breaks of one.
  }
}
