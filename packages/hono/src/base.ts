import { type HttpPolicy, type HttpStampede, OptionError, ownScope } from '@stampede/core/http'
import type { HonoView } from './request.ts'

/**
 * The option, as the prefix of a target.
 *
 * @throws {OptionError} for anything but a path
 */
export function baseOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const isPath = typeof given === 'string' && given.startsWith('/') && !/[?#\s]/.test(given)
  if (!isPath) throw new OptionError('base', given, 'a path that begins with "/", without a query')
  return given.replace(/\/+$/, '')
}

/**
 * The policy for a request. A request that does not show its original target is shared only with requests that reached
 * the same place in the same app, since others may have had another URL.
 */
export function policies(core: HttpStampede, base: string | undefined): (view: HonoView) => HttpPolicy | undefined {
  const own = base === undefined || base === '' ? undefined : core.policy(undefined, '', `base ${base}`)
  const apart = new WeakMap<object, HttpPolicy>()
  return view => {
    if (view.isShown) return own
    const place = view.registration ?? core
    const present = apart.get(place)
    if (present !== undefined) return present
    // Made on first use, because it emits an event in a fleet.
    const policy = core.policy(undefined, '', ownScope())
    apart.set(place, policy)
    return policy
  }
}
