import {
  Caller,
  type Ending,
  type Flying,
  type Kept,
  type Mode,
  type Question,
  type Run,
  type Terms,
  type Waiting,
} from './model-parts.ts'

/** What the documents promise of one cache that is never full, in as few words as they can be said. */
export class Model {
  now: number
  readonly callers: Caller[] = []
  readonly runs: Run[] = []
  readonly kept: Map<string, Kept> = new Map()
  readonly current: Map<string, Flying> = new Map()
  readonly counts = {
    hits: 0,
    staleHits: 0,
    misses: 0,
    collapsed: 0,
    fallbacks: 0,
    sharedHits: 0,
    fetches: 0,
    errors: 0,
  }
  isClosed = false
  readonly #base: Terms
  readonly #maxFlights: number
  #step = 0

  constructor(base: Terms, maxFlights: number, now: number) {
    this.#base = base
    this.#maxFlights = maxFlights
    this.now = now
  }

  /** Moments at which something changes by itself. */
  get edges(): readonly number[] {
    const moments = [...this.kept.values()].flatMap(kept => [
      kept.freshUntil,
      kept.staleUntil,
      kept.fallbackUntil,
      kept.retryAt,
    ])
    return [...new Set([...moments, ...this.#flying.map(flight => flight.dueAt)])].sort((a, b) => a - b)
  }

  ask(key: string, mode: Mode, own: Partial<Terms>, mayLeave: boolean): void {
    this.#step += 1
    const caller = new Caller([key], false, mayLeave)
    this.callers.push(caller)
    this.#answer({ caller, key, mode, terms: { ...this.#base, ...own } })
  }

  askMany(keys: readonly string[], own: Partial<Terms>, mayLeave: boolean): void {
    this.#step += 1
    const caller = new Caller(keys, true, mayLeave)
    this.callers.push(caller)
    const led: Flying[] = []
    const behind: Flying[] = []
    for (const key of keys) {
      this.#question({ caller, key, mode: 'get', terms: { ...this.#base, ...own } }, led, behind)
    }
    this.#run(led)
    this.#run(behind)
  }

  leave(caller: Caller, answer: string): void {
    this.#step += 1
    if (caller.answers.size === 0) caller.fail(answer, this.#step)
    for (const flight of this.#flying) {
      const staying = flight.waiting.filter(({ question }) => question.caller !== caller)
      const isDeserted = staying.length === 0 && flight.waiting.length > 0 && !flight.isHeld
      flight.waiting = staying
      if (!isDeserted) continue
      flight.isAborted = true
      this.#land(flight)
    }
  }

  set(key: string, value: string, own: Partial<Terms>): void {
    this.current.delete(key)
    this.#store(key, value, { ...this.#base, ...own })
  }

  delete(key: string): void {
    this.current.delete(key)
    this.kept.delete(key)
  }

  clear(): void {
    this.current.clear()
    this.kept.clear()
  }

  close(): void {
    this.isClosed = true
    this.clear()
  }

  invalidate(tags: readonly string[]): void {
    for (const [key, kept] of this.kept) if (share(kept.tags, tags)) this.delete(key)
    for (const [key, flight] of this.current) if (share(flight.terms.tags, tags)) this.current.delete(key)
    for (const flight of this.#flying) flight.invalidated.push(...tags)
  }

  /** Goes on to a moment before which no fetch times out. */
  goTo(moment: number): void {
    this.#step += 1
    this.now = moment
    for (const flight of this.#flying) {
      if (flight.dueAt > moment) continue
      flight.isAborted = true
      this.#fail(flight, `timeout:${flight.key}`, [])
    }
  }

  end(run: Run, ending: Ending, id: number): void {
    this.#step += 1
    run.isOver = true
    const left = ending.leavesOut === undefined ? undefined : run.flights[ending.leavesOut]
    const asked: Question[] = []
    for (const flight of run.flights) {
      if (flight.isOver || ending.fails || flight === left) continue
      asked.push(...this.#landed(flight, `v${id}${flight.key}`, ending))
    }
    for (const flight of run.flights) {
      if (flight.isOver) continue
      asked.push(...this.#fail(flight, ending.fails ? `e${id}` : `missing:${flight.key}`, ending.tags))
    }
    for (const question of asked) this.#answer(question)
  }

  /** What is stored and usable in any way. */
  live(key: string): Kept | undefined {
    const kept = this.kept.get(key)
    return kept !== undefined && this.now < kept.goneAt ? kept : undefined
  }

  get #flying(): readonly Flying[] {
    return this.runs.flatMap(run => run.flights).filter(flight => !flight.isOver)
  }

  #answer(question: Question): void {
    const started: Flying[] = []
    this.#question(question, started, started)
    this.#run(started)
  }

  #question(question: Question, led: Flying[], behind: Flying[]): void {
    const { key, mode, terms } = question
    const kept = this.live(key)
    if (kept === undefined) this.kept.delete(key)
    const use = this.#useOf(kept, mode)
    if (kept !== undefined && use !== 'none') {
      this.counts[use] += 1
      const isDue = use === 'staleHits' && this.now >= kept.retryAt && !this.current.has(key)
      if (isDue) behind.push(this.#start(key, terms, kept, true))
      this.#give(kept, question)
      return
    }
    this.#wait(question, kept, led)
  }

  #give({ isFailure, answer }: Kept, { caller, key }: Question): void {
    if (isFailure) caller.fail(answer, this.#step)
    else caller.fulfil(key, answer, this.#step)
  }

  #wait(question: Question, kept: Kept | undefined, led: Flying[]): void {
    const { key, caller, terms } = question
    const joined = this.current.get(key)
    this.counts[joined === undefined ? 'misses' : 'collapsed'] += 1
    const flight = joined ?? this.#start(key, terms, kept?.isFailure === true ? undefined : kept)
    if (joined === undefined) led.push(flight)
    flight.isHeld ||= !caller.mayLeave
    flight.waiting = [...flight.waiting, { question, fallback: kept, distrusted: [...flight.invalidated] }]
  }

  #useOf(kept: Kept | undefined, mode: Mode): 'hits' | 'staleHits' | 'none' {
    if (kept === undefined || mode === 'refresh') return 'none'
    if (this.now < kept.freshUntil) return 'hits'
    const isBackingOff = this.now < kept.retryAt && this.now < kept.fallbackUntil
    return mode === 'get' && (this.now < kept.staleUntil || isBackingOff) ? 'staleHits' : 'none'
  }

  #start(key: string, terms: Terms, replaced: Kept | undefined, isHeld = false): Flying {
    const dueAt = this.now + terms.timeout
    const state = { isHeld, isOver: false, isAborted: false }
    const flight = { key, terms, replaced, dueAt, invalidated: [], waiting: [], ...state }
    this.counts.fetches += 1
    if (!this.isClosed && this.current.size < this.#maxFlights) this.current.set(key, flight)
    return flight
  }

  #run(flights: readonly Flying[]): void {
    if (flights.length > 0) this.runs.push({ flights, isOver: false })
  }

  /** The flight is over. Tells whether what it yielded counts. */
  #land(flight: Flying): boolean {
    flight.isOver = true
    return this.current.get(flight.key) === flight && this.current.delete(flight.key)
  }

  /** Returns the callers from after a change that the value does not reflect. */
  #landed(flight: Flying, value: string, ending: Ending): readonly Question[] {
    const tags = [...flight.terms.tags, ...ending.tags]
    const counts = this.#land(flight) && !ending.noStore && !share(tags, flight.invalidated)
    if (counts) this.#store(flight.key, value, { ...flight.terms, ttl: ending.ttl ?? flight.terms.ttl, tags })
    const { late, others } = parted(flight, tags)
    for (const { question } of others) question.caller.fulfil(flight.key, value, this.#step)
    return late
  }

  /** Returns the same as `#landed`. */
  #fail(flight: Flying, answer: string, said: readonly string[]): readonly Question[] {
    const { key, replaced, terms } = flight
    const tags = [...terms.tags, ...said]
    this.counts.errors += 1
    if (this.#land(flight)) {
      if (replaced !== undefined && this.live(key) === replaced) this.#backOff(replaced)
      else if (terms.errorTtl > 0 && !share(tags, flight.invalidated)) {
        this.#keep(key, answer, { ...terms, ttl: terms.errorTtl, tags }, true)
      }
    }
    const { late, others } = parted(flight, tags)
    for (const { question, fallback } of others) {
      const usable = this.#usable(question, fallback)
      if (usable === undefined) {
        question.caller.fail(answer, this.#step)
        continue
      }
      this.counts.fallbacks += 1
      question.caller.fulfil(key, usable.answer, this.#step)
    }
    return late
  }

  /** What a failure may be answered with. */
  #usable({ mode, key }: Question, fallback: Kept | undefined): Kept | undefined {
    if (mode !== 'get' || fallback === undefined || this.kept.get(key) !== fallback) return undefined
    return !fallback.isFailure && this.now < fallback.fallbackUntil ? fallback : undefined
  }

  #backOff(kept: Kept): void {
    kept.retryAt = this.now + Math.min(30_000, 1_000 * 2 ** kept.failures)
    kept.failures += 1
  }

  #store(key: string, value: string, terms: Terms): void {
    if (terms.ttl === 0) this.kept.delete(key)
    else this.#keep(key, value, terms, false)
  }

  #keep(key: string, answer: string, terms: Terms, isFailure: boolean): void {
    if (this.isClosed) return
    const freshUntil = this.now + terms.ttl
    const staleUntil = freshUntil + (isFailure ? 0 : terms.staleWhileRevalidate)
    const fallbackUntil = freshUntil + (isFailure ? 0 : terms.staleIfError)
    const goneAt = Math.max(staleUntil, fallbackUntil)
    const windows = { storedAt: this.now, freshUntil, staleUntil, fallbackUntil, goneAt, tags: terms.tags }
    this.kept.set(key, { answer, isFailure, ...windows, retryAt: 0, failures: 0 })
  }
}

/** The callers from after the invalidation of one of these tags, and the others. */
function parted({ waiting }: Flying, tags: readonly string[]) {
  const isLate = ({ distrusted }: Waiting): boolean => share(distrusted, tags)
  const late = waiting.filter(isLate).map(({ question }) => question)
  return { late, others: waiting.filter(one => !isLate(one)) }
}

function share(some: readonly string[], others: readonly string[]): boolean {
  return some.some(one => others.includes(one))
}
