import { OptionError } from '../../base/errors.ts'
import { isTagNames, TAG_NAMES } from '../../base/option-rules.ts'
import type { ChangeResult } from '../../fleet/change-result.ts'
import type { HttpState } from '../flight/http-state.ts'
import type { HttpStats } from '../options/http-stats.ts'
import { pathTag, userTag } from '../response/response-tags.ts'

/**
 * The functions that an app may call. They need no `this`. A change takes effect at once: flights in progress still
 * answer their own requests, but are not stored. The promises never reject.
 */
export interface HttpControls {
  /** Counters since construction, and current sizes. */
  readonly stats: () => HttpStats
  /**
   * Removes all queries, hosts, methods and variants of an exact path, spelled as in requests.
   *
   * @throws {OptionError} for a path with a query, or one that does not begin with "/"
   */
  readonly invalidate: (path: string) => Promise<ChangeResult>
  /**
   * Removes all responses that have one of the tags.
   *
   * @throws {OptionError} for anything but names
   */
  readonly invalidateTags: (...tags: readonly string[]) => Promise<ChangeResult>
  /** Removes all responses. */
  readonly clear: () => Promise<ChangeResult>
  /**
   * Closes the instance: removes all responses, gives back its leases in the fleet, and releases connections and
   * timers of the store. Later requests run their handlers. The promise never rejects.
   */
  readonly close: () => Promise<void>
}

export function controlsOf(state: HttpState): HttpControls {
  return {
    stats: () => state.stats(),
    invalidate(path) {
      if (!isPath(path))
        throw new OptionError('path', path, 'an exact path that begins with "/", without a query or a fragment')
      const { count, reach } = state.drop([pathTag(path)])
      state.emit({ type: 'invalidate', by: 'path', target: path, count })
      return reach
    },
    invalidateTags(...tags) {
      if (!isTagNames(tags)) throw new OptionError('tags', tags, TAG_NAMES)
      const { count, reach } = state.drop(tags.map(userTag))
      state.emit({ type: 'invalidate', by: 'tags', target: '*', tags, count })
      return reach
    },
    clear() {
      const { count, reach } = state.clear()
      state.emit({ type: 'invalidate', by: 'clear', target: '*', count })
      return reach
    },
    close: () => state.close(),
  }
}

function isPath(path: unknown): path is string {
  return typeof path === 'string' && path.startsWith('/') && !/[?#]/.test(path)
}
