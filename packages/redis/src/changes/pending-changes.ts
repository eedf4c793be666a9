import type { Space } from '../protocol/change.ts'
import { Semaphore } from '../base/semaphore.ts'

/** Changes that are made and not done, at most: the server may take them more slowly for ever. */
const MOST = 100_000
/** Of these the server is sent so many at a time: of more the last would take longer than a command may. */
const MOST_SENT = 1_000

/** What a change touches: keys, by their names, or what bears a tag, or, without either, everything in its space. */
export interface Touched {
  readonly space: Space
  readonly names: readonly string[]
  readonly tags: readonly string[]
  /** Whether it stores something, under these names and with these tags. All others drop, and may do so in any order. */
  readonly isSet: boolean
}

/**
 * The changes that are under way, of which those that must not change places come one after the other: what is stored, and
 * what stores or drops the same. A script that the server does not know is sent again, and may then come after what was sent
 * later.
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

  /** Whether the key is being changed: what stands in the store may be from before. */
  has(space: Space, name: string, tags: readonly string[]): boolean {
    return this.#lines[space].has(name, tags)
  }

  /** The end of the changes that are under way now and may mean this key, if any are: there may always be others. */
  endFor(space: Space, name: string): Promise<unknown> | undefined {
    return this.#lines[space].endFor(name)
  }

  /**
   * Begins the work once what must come before is done, and it is its turn, and knows of it from now until its end. Gives
   * what the work gives; false, without any, where there are too many.
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

/** What stands for everything, and what the names of keys and of tags begin with. */
const ALL = ''
const KEY = 'k'
const TAG = 't'

interface Place {
  readonly sets: Together
  readonly drops: Together
}

/** The changes of one space. Nothing here is to be looked through: an outage may leave thousands under way. */
class Line {
  readonly #places = new Map<string, Place>()
  /** All that drop by tags: of a key that is not read yet nobody knows what it bears. */
  readonly #byTags = new Together()

  has(name: string, tags: readonly string[]): boolean {
    // Nearly always: each hit asks.
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

  /** The end of all that has to be done before. */
  before(touched: Touched): Promise<unknown> | undefined {
    const ends: (Promise<unknown> | undefined)[] = []
    for (const at of placesOf(touched)) {
      const place = this.#places.get(at)
      // Of two that store something it matters which is the last where they do so under one name.
      if (!touched.isSet || at.startsWith(KEY)) ends.push(place?.sets.end)
      if (touched.isSet) ends.push(place?.drops.end)
    }
    return together(ends)
  }

  /** Gives what is to be called at its end. */
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

/** The common end of what is under way. */
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

/** Their common end, which keeps nothing of them: one may follow on another for as long as the process runs. */
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
