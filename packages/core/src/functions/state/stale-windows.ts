import type { Settings } from './function-options.ts'

type Windows = Pick<Settings, 'staleWhileRevalidate' | 'staleIfError'>

/** The settings with these windows. Returns the same object if nothing differs, as mostly. */
export function withWindows(settings: Settings, { staleWhileRevalidate, staleIfError }: Windows): Settings {
  const isSame = settings.staleWhileRevalidate === staleWhileRevalidate && settings.staleIfError === staleIfError
  return isSame ? settings : { ...settings, staleWhileRevalidate, staleIfError }
}

/** The settings of a value that may be returned for at most `ms` milliseconds after it is stale. */
export function boundedBy(ms: number, settings: Settings): Settings {
  const { staleWhileRevalidate, staleIfError } = settings
  return withWindows(settings, {
    staleWhileRevalidate: Math.min(staleWhileRevalidate, ms),
    staleIfError: Math.min(staleIfError, ms),
  })
}
