import type { Change, Space } from './change.ts'

type Names = readonly string[]

/**
 * The changes that are under way, of which those that must not change places come one after the other: of one key, or of a key
 * and of what it may bear. A script that the server does not know is sent again, and may then come after what was sent later.
 */
export class PendingChanges {
  readonly #lines = new Map<Space, Line>()

  /** Whether the key is being changed: what stands in the store may be from before. */
  has(space: Space, name: string, tags: readonly string[]): boolean {
    return this.#lines.get(space)?.has(name, tags) === true
  }

  /** Resolves once no change is under way that this key may be meant by. */
  async settled(space: Space, name: string): Promise<void> {
    const line = this.#line(space)
    for (let done = line.before([name]); done !== undefined; done = line.before([name])) await done
  }

  /**
   * Begins the work once what must come before is done, and knows of it from now until its end.
   *
   * @param names of the keys that it changes; without them it changes what bears its tags, or everything
   */
  async pend(change: Change, names: Names | undefined, work: () => Promise<boolean>): Promise<boolean> {
    const line = this.#line(change.space)
    const before = line.before(names)
    const done = before === undefined ? work() : before.then(work)
    const leave = line.enter(change, names, quiet(done))
    try {
      return await done
    } finally {
      leave()
    }
  }

  #line(space: Space): Line {
    const line = this.#lines.get(space) ?? new Line()
    this.#lines.set(space, line)
    return line
  }
}

/** The changes of one space. Nothing here is to be looked through: an outage may leave tens of thousands under way. */
class Line {
  /** The last change of each name. */
  readonly #names = new Map<string, Promise<unknown>>()
  readonly #tags = new Map<string, number>()
  #clears = 0
  readonly #ofNames = new Together()
  readonly #ofOthers = new Together()

  has(name: string, tags: readonly string[]): boolean {
    return this.#clears > 0 || this.#names.has(name) || tags.some(tag => this.#tags.has(tag))
  }

  /** The end of all that a change of these names has to wait for; without names, of one of tags or everything. */
  before(names: Names | undefined): Promise<unknown> | undefined {
    if (names === undefined) return this.#ofNames.end
    const ends = [this.#ofOthers.end, ...names.map(name => this.#names.get(name))].filter(end => end !== undefined)
    return ends.length === 0 ? undefined : Promise.all(ends)
  }

  /** Gives what is to be called at its end. */
  enter({ tags = [] }: Change, names: Names | undefined, end: Promise<unknown>): () => void {
    const isClear = names === undefined && tags.length === 0
    const leave = (names === undefined ? this.#ofOthers : this.#ofNames).enter(end)
    for (const name of names ?? []) this.#names.set(name, end)
    for (const tag of tags) this.#tags.set(tag, (this.#tags.get(tag) ?? 0) + 1)
    if (isClear) this.#clears += 1
    return () => {
      leave()
      for (const name of names ?? []) if (this.#names.get(name) === end) this.#names.delete(name)
      for (const tag of tags) this.#countDown(tag)
      if (isClear) this.#clears -= 1
    }
  }

  #countDown(tag: string): void {
    const count = (this.#tags.get(tag) ?? 0) - 1
    if (count > 0) this.#tags.set(tag, count)
    else this.#tags.delete(tag)
  }
}

/** The common end of what is under way. */
class Together {
  #count = 0
  #end: Promise<unknown> | undefined

  get end(): Promise<unknown> | undefined {
    return this.#end
  }

  enter(end: Promise<unknown>): () => void {
    this.#count += 1
    this.#end = this.#end === undefined ? end : Promise.all([this.#end, end])
    return () => {
      this.#count -= 1
      if (this.#count === 0) this.#end = undefined
    }
  }
}

function quiet(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {},
    () => {},
  )
}
