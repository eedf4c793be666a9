import type { Space } from '../protocol/change.ts'
import { Semaphore } from '../base/semaphore.ts'

/** Maximum number of changes in progress: the server may be slower forever. */
const MOST = 100_000
/** The number that is sent at a time: with more, the last one would exceed the time limit of a command. */
const MOST_SENT = 1_000

/** What a change touches: keys, by name, everything that has a tag, or everything in its space. */
export interface Touched {
  readonly space: Space
  readonly names: readonly string[]
  readonly tags: readonly string[]
  /** Whether it stores something under these names, with these tags. Other changes only remove, and need no order. */
  readonly isSet: boolean
}

/**
 * The changes in progress. Those that must not be reordered run one after the other: two that store, or one that
 * stores and one that removes the same. A script that the server does not know is sent again, and may then arrive
 * after later commands.
 */
export class PendingChanges {
  readonly #most: number
  readonly #sent: Semaphore
  readonly #lines: Readonly<Record<Space, Line>> = { f: new Line(), h: new Line() }
  #count = 0

  constructor(most: number = MOST, mostSent: number = MOST_SENT) {
    this.#most = most
    this.#sent = new Semaphore(mostSent)
  }

  /** Whether the key is being changed, so that the stored record may be old. */
  has(space: Space, name: string, tags: readonly string[]): boolean {
    return this.#lines[space].has(name, tags)
  }

  /** The end of the changes in progress that may concern this key, if any: there may always be newer ones. */
  endFor(space: Space, name: string): Promise<unknown> | undefined {
    return this.#lines[space].endFor(name)
  }

  /**
   * Starts the work after the changes that must precede it, and tracks it until its end. Resolves as the work does;
   * with false, and without work, if there are too many changes.
   */
  async pend(touched: Touched, work: () => Promise<boolean>): Promise<boolean> {
    if (this.#count >= this.#most) return false
    this.#count += 1
    const line = this.#lines[touched.space]
    const before = line.before(touched)
    const send = (): Promise<boolean> => this.#sent.pass(work)
    const done = before === undefined ? send() : before.then(send)
    const leave = line.enter(touched, quiet(done))
    try {
      return await done
    } finally {
      this.#count -= 1
      leave()
    }
  }
}

/** Represents everything, and prefixes for names and tags. */
const ALL = ''
const KEY = 'k'
const TAG = 't'

interface Place {
  readonly sets: Together
  readonly drops: Together
}

/** The changes of one space. Nothing here is searched linearly: an outage may leave thousands in progress. */
class Line {
  readonly #places = new Map<string, Place>()
  /** All that remove by tags: the tags of a key that has not been read yet are unknown. */
  readonly #byTags = new Together()

  has(name: string, tags: readonly string[]): boolean {
    // The fast path: every hit checks this.
    if (this.#places.size === 0) return false
    return (
      this.#places.has(KEY + name) ||
      this.#places.get(ALL)?.drops.end !== undefined ||
      tags.some(tag => this.#places.get(TAG + tag)?.drops.end !== undefined)
    )
  }

  endFor(name: string): Promise<unknown> | undefined {
    const key = this.#places.get(KEY + name)
    return together([key?.sets.end, key?.drops.end, this.#places.get(ALL)?.drops.end, this.#byTags.end])
  }

  /** The end of all changes that must precede it. */
  before(touched: Touched): Promise<unknown> | undefined {
    const ends: (Promise<unknown> | undefined)[] = []
    for (const at of placesOf(touched)) {
      const place = this.#places.get(at)
      // Of two that store under one name, the order matters.
      if (!touched.isSet || at.startsWith(KEY)) ends.push(place?.sets.end)
      if (touched.isSet) ends.push(place?.drops.end)
    }
    return together(ends)
  }

  /** Returns the function to call at its end. */
  enter(touched: Touched, end: Promise<void>): () => void {
    const leaving = placesOf(touched).map(at => this.#enter(at, touched.isSet, end))
    if (!touched.isSet && touched.tags.length > 0) leaving.push(this.#byTags.enter(end))
    return () => {
      for (const leave of leaving) leave()
    }
  }

  #enter(at: string, isSet: boolean, end: Promise<void>): () => void {
    const place = this.#places.get(at) ?? { sets: new Together(), drops: new Together() }
    this.#places.set(at, place)
    const leave = (isSet ? place.sets : place.drops).enter(end)
    return () => {
      leave()
      if (place.sets.end === undefined && place.drops.end === undefined) this.#places.delete(at)
    }
  }
}

/** The common end of changes in progress. */
class Together {
  #count = 0
  #end: Promise<unknown> | undefined

  get end(): Promise<unknown> | undefined {
    return this.#end
  }

  enter(end: Promise<void>): () => void {
    this.#count += 1
    this.#end = together([this.#end, end])
    return () => {
      this.#count -= 1
      if (this.#count === 0) this.#end = undefined
    }
  }
}

function placesOf({ names, tags, isSet }: Touched): readonly string[] {
  const places = [...names.map(name => KEY + name), ...tags.map(tag => TAG + tag)]
  if (isSet || places.length === 0) places.push(ALL)
  return [...new Set(places)]
}

/** A common end that keeps no reference to its members: one may follow another as long as the process runs. */
function together(ends: readonly (Promise<unknown> | undefined)[]): Promise<unknown> | undefined {
  const [first, ...others] = ends.filter(end => end !== undefined)
  if (others.length === 0) return first
  return Promise.all([first, ...others]).then(() => {})
}

function quiet(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => {},
    () => {},
  )
}
