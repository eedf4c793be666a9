import { type HttpPolicy, type HttpStampede, OptionError, ownScope } from '@stampede/core/http'
import type { HonoView } from './request.ts'

/**
 * The option, as what stands in front of a target.
 *
 * @throws {OptionError} for what is no path
 */
export function baseOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const isPath = typeof given === 'string' && given.startsWith('/') && !/[?#\s]/.test(given)
  if (!isPath) throw new OptionError('base', given, 'a path that begins with "/", without a query')
  return given.replace(/\/+$/, '')
}

/**
 * What holds for a request. One that does not show what was sent shares with those alone that came to the same place in the
 * same app, for others may have had another URL.
 */
export function policies(core: HttpStampede, base: string | undefined): (view: HonoView) => HttpPolicy | undefined {
  const own = base === undefined || base === '' ? undefined : core.policy(undefined, '', `base ${base}`)
  const apart = new WeakMap<object, HttpPolicy>()
  return view => {
    if (view.isShown) return own
    const place = view.registration ?? core
    const present = apart.get(place)
    if (present !== undefined) return present
    // Made when it is first needed: a fleet is told of it.
    const policy = core.policy(undefined, '', ownScope())
    apart.set(place, policy)
    return policy
  }
}
