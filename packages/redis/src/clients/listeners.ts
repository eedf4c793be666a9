type Listener = (...args: unknown[]) => void

/** An emitter of events, as in Node. */
export interface Emitting {
  on(event: string, listener: Listener): unknown
  removeListener(event: string, listener: Listener): unknown
}

/** Listeners of the store on clients of the app, to be removed again. */
export class ListenerSet {
  readonly #offs = new Set<() => void>()

  add(emitter: Emitting, event: string, listener: Listener): () => void {
    const leave = listenTo(emitter, event, listener)
    const off = (): void => {
      leave()
      this.#offs.delete(off)
    }
    this.#offs.add(off)
    return off
  }

  clear(): void {
    for (const off of this.#offs) off()
  }
}

interface Listening {
  readonly all: Set<{ readonly listener: Listener }>
  readonly tell: Listener
}

const listening = new WeakMap<Emitting, Map<string, Listening>>()

/** One listener for all stores that share the client: Node warns about more than ten. */
function listenTo(emitter: Emitting, event: string, listener: Listener): () => void {
  const events = listening.get(emitter) ?? new Map<string, Listening>()
  listening.set(emitter, events)
  const { all, tell } = events.get(event) ?? begin(emitter, event, events)
  // The same function may be added twice.
  const one = { listener }
  all.add(one)
  return () => {
    if (!all.delete(one) || all.size > 0) return
    events.delete(event)
    emitter.removeListener(event, tell)
  }
}

function begin(emitter: Emitting, event: string, events: Map<string, Listening>): Listening {
  const all: Listening['all'] = new Set()
  const tell: Listener = (...args) => {
    for (const { listener } of all) listener(...args)
  }
  emitter.on(event, tell)
  events.set(event, { all, tell })
  return { all, tell }
}
