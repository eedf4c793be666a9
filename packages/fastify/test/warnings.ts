import { onTestFinished, vi } from 'vitest'

/** Captures the warnings of the process until the test ends. */
export function warningsOf(): readonly (readonly [code: string, message: string])[] {
  const warnings: [code: string, message: string][] = []
  const take = (message: string | Error, options?: unknown): void => {
    const { type, code } = Object(options) as { readonly type?: string; readonly code?: string }
    warnings.push([`${type} ${code}`, String(message)])
  }
  const spy = vi.spyOn(process, 'emitWarning').mockImplementation(take)
  onTestFinished(() => spy.mockRestore())
  return warnings
}
