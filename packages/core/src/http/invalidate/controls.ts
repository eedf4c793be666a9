import { OptionError } from '../../base/errors.ts'
import { isTagNames, TAG_NAMES } from '../../base/option-rules.ts'
import type { ChangeResult } from '../../fleet/change-result.ts'
import type { HttpState } from '../flight/http-state.ts'
import type { HttpStats } from '../options/http-stats.ts'
import { pathTag, userTag } from '../response/response-tags.ts'

/**
 * What an app may ask of an instance. The functions may be passed on by themselves. What changes something takes effect
 * at once and fences what is in flight: it answers those who asked before, and is not stored. Its promise never rejects.
 */
export interface HttpControls {
  /** Counts since the start, and what is held now. */
  readonly stats: () => HttpStats
  /**
   * Drops all queries, hosts, methods and variants of an exact path, as requests name it.
   *
   * @throws {OptionError} for a path with a query, or that does not begin with "/"
   */
  readonly invalidate: (path: string) => Promise<ChangeResult>
  /**
   * Drops all that bears one of the tags.
   *
   * @throws {OptionError} for anything but names
   */
  readonly invalidateTags: (...tags: readonly string[]) => Promise<ChangeResult>
  /** Drops all that is stored. */
  readonly clear: () => Promise<ChangeResult>
  /**
   * Ends it: what is stored is dropped, leases in the fleet are given back, and connections and timers of the store let go of.
   * Requests that come later run their handlers. The promise never rejects.
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
